import { reactive } from 'vue';
import type { JobInput } from '../../../src-preload/shared/contract/job-inputs';
import type { ExternalPlan } from '../../../src-preload/shared/contract/views';

export type ExternalTable = ExternalPlan['activations'][number];

/** What the dialog asks about FBNs made elsewhere. */
export function newExternalForm() {
  return reactive({
    mapsKind: 'file' as 'file' | 'folder',
    maps: '',
    name: '',
    activations: 'regression' as 'regression' | 'folder' | 'files',
    /** One path per line. */
    paths: '',
    order: '' as '' | 'subject' | 'movie-run',
    /** What was said by hand, by table. */
    assigned: {} as Record<string, { subject: string | null; movieRun: string }>,
  });
}
export type ExternalForm = ReturnType<typeof newExternalForm>;

export function tableKey({ file, array }: Pick<ExternalTable, 'file' | 'array'>): string {
  return JSON.stringify([file, array]);
}

/** The form as the job takes it; null while it does not name maps. */
export function toExternalInput(form: ExternalForm): JobInput<'import-embedding'> | null {
  if (form.maps.trim() === '') return null;
  const files = form.paths.split('\n').filter((line) => line.trim() !== '');
  const assignments = Object.entries(form.assigned)
    .filter(([, { movieRun }]) => movieRun !== '')
    .map(([key, assignment]) => {
      const [file, array] = JSON.parse(key) as [string, string | null];
      return { file, array, ...assignment };
    });
  return {
    file: form.maps,
    ...(form.name.trim() !== '' && { name: form.name.trim() }),
    ...(form.activations === 'regression'
      ? { dualRegression: true }
      : { files, assignments, ...(form.order !== '' && { order: form.order }) }),
  };
}

/** Tables whose movie run is not known first, since they want an answer. */
export function tablesToShow(tables: readonly ExternalTable[], most: number): ExternalTable[] {
  return [...tables.filter(({ movieRun }) => movieRun === null), ...tables.filter(({ movieRun }) => movieRun !== null)].slice(
    0,
    most,
  );
}
