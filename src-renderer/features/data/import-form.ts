import { reactive } from 'vue';
import type { JobInput } from '../../../src-preload/shared/contract/job-inputs';

export type SourceKind = 'bids' | 'files';

/** What the wizard asks, as it starts: the program's own defaults. */
export function newImportForm() {
  return reactive({
    kind: 'bids' as SourceKind,
    folder: '',
    task: '',
    space: '',
    description: '',
    /** One path per line. */
    files: '',
    movieRun: '',
    mask: '',
    voxelMm: null as number | null,
    trSeconds: null as number | null,
    trim: false,
    detrend: false,
    confounds: false,
    antiAlias: false,
    dataType: 'float16' as 'float16' | 'float32',
  });
}
export type ImportForm = ReturnType<typeof newImportForm>;

/** The form as the job takes it; null while it does not name a source. */
export function toImportInput(form: ImportForm): JobInput<'import-fmri'> | null {
  const source = sourceOf(form);
  if (!source) return null;
  const { trim, detrend, antiAlias, dataType } = form;
  return {
    ...{ source, trim, detrend, antiAlias, dataType },
    ...(form.confounds && { confounds: 'default' as const }),
    ...(form.mask !== '' && { mask: form.mask }),
    ...(form.voxelMm !== null && { grid: { voxelMm: form.voxelMm } }),
    ...(form.trSeconds !== null && { trSeconds: form.trSeconds }),
  };
}

function sourceOf({
  kind,
  folder,
  task,
  space,
  description,
  files,
  movieRun,
}: ImportForm): JobInput<'import-fmri'>['source'] | null {
  if (kind === 'files') {
    const paths = files.split('\n').filter((line) => line.trim() !== '');
    return paths.length === 0 ? null : { files: paths, ...(movieRun !== '' && { movieRun }) };
  }
  if (folder === '') return null;
  return { bids: folder, ...(task && { task }), ...(space && { space }), ...(description && { description }) };
}
