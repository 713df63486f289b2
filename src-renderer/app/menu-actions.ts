import { onScopeDispose } from 'vue';
import { useRouter } from 'vue-router';
import type { MenuAction } from '../../src-preload/shared/contract/events';
import { on } from '../api/host';
import { describeJob } from '../features/jobs/job-text';
import { useAppStore } from '../stores/app';
import { useJobsStore } from '../stores/jobs';
import { useNotices } from '../stores/notices';
import { useFrameStore } from './frame';

/** Does what the desktop's menu asks for, and shows what the host has to say. */
export function useMenuActions(): void {
  const app = useAppStore();
  const frame = useFrameStore();
  const jobs = useJobsStore();
  const notices = useNotices();
  const router = useRouter();

  async function act(action: MenuAction): Promise<void> {
    if (action === 'open-project') return frame.show('open');
    if (action === 'new-project') return frame.show('new');
    if (action === 'about') return frame.show('about');
    if (action === 'diagnostics') return frame.show('diagnostics');
    if (action === 'errors') return frame.show('errors');
    if (action === 'keys') return frame.show('keys');
    if (!app.state?.project) return;
    if (action === 'close-project') await app.close();
    else if (action === 'search') frame.show('palette');
    else if (action === 'undo') await notices.undo();
    else if (action === 'jobs') jobs.drawerOpen = !jobs.drawerOpen;
    else await router.push({ name: action.slice('go:'.length) });
  }

  const stops = [
    on('menu', ({ action }) => void act(action)),
    on('notice', ({ kind, message }) => notices.tell(message, { kind })),
    on('job.changed', ({ job }) => {
      if (job.state === 'failed')
        notices.tell(`Job failed: ${describeJob(job)}. Its error is in the jobs drawer (Ctrl J).`, { kind: 'failure' });
      else if (job.state === 'done' && job.type === 'export') notices.tell(`Written: ${describeJob(job)}.`);
    }),
  ];
  onScopeDispose(() => stops.forEach((stop) => stop()));
}
