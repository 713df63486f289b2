import { defineStore } from 'pinia';
import { computed, ref, shallowRef, watch } from 'vue';
import type { JobInput, JobType } from '../../src-preload/shared/contract/job-inputs';
import type { JobView } from '../../src-preload/shared/contract/views';
import { on, onReconnect, request } from '../api/host';
import { useAppStore } from './app';

/** Jobs of the open project, newest first. */
export const useJobsStore = defineStore('jobs', () => {
  const app = useAppStore();
  const jobs = shallowRef<JobView[]>([]);
  const drawerOpen = ref(false);
  const active = computed(() => jobs.value.filter(({ state }) => state === 'queued' || state === 'running'));

  async function refresh(): Promise<void> {
    if (!app.state?.project) {
      jobs.value = [];
      return;
    }
    jobs.value = newestFirst(await request('jobs.list', {}).catch(() => jobs.value));
  }

  function patch(id: number, change: (job: JobView) => JobView): void {
    jobs.value = jobs.value.map((job) => (job.id === id ? change(job) : job));
  }

  watch(
    () => app.state?.project?.folder,
    () => {
      jobs.value = [];
      void refresh();
    },
    { immediate: true },
  );
  on('job.changed', ({ job }) => {
    jobs.value = newestFirst([job, ...jobs.value.filter(({ id }) => id !== job.id)]);
  });
  on('job.progress', ({ id, progress }) => patch(id, (job) => ({ ...job, progress })));
  on('job.warning', ({ id, message }) =>
    patch(id, (job) => (job.warnings.includes(message) ? job : { ...job, warnings: [...job.warnings, message] })),
  );
  onReconnect(() => void refresh());

  return {
    jobs,
    active,
    drawerOpen,
    refresh,
    byType: (type: JobType) => jobs.value.filter((job) => job.type === type),
    /** Starts a job. @throws UserError when its input is refused */
    async start<Type extends JobType>(type: Type, input: JobInput<Type>): Promise<number> {
      return (await request('jobs.start', { type, input })).id;
    },
    async cancel(id: number): Promise<void> {
      await request('jobs.cancel', { id });
    },
    /** Asks a training to end soon with what it has come to. */
    async finish(id: number): Promise<void> {
      await request('jobs.finish', { id });
    },
    /** Queues a failed, cancelled or interrupted job again; it goes on where it can. */
    async resume(id: number): Promise<number> {
      return (await request('jobs.resume', { id })).id;
    },
  };
});

function newestFirst(jobs: JobView[]): JobView[] {
  return [...jobs].sort((one, other) => other.id - one.id);
}
