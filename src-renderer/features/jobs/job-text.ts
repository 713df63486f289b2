import type { JobView } from '../../../src-preload/shared/contract/views';
import { variantName } from '../../../src-preload/shared/domain/variant-name';

const titles: Record<string, string> = {
  'import-fmri': 'Import fMRI',
  'import-movie': 'Import movie',
  'import-model': 'Import model',
  'random-model': 'Random-weight model',
  train: 'Train',
  decompose: 'Decompose',
  'import-embedding': 'Import FBNs',
  assess: 'Measure FBNs',
  extract: 'Extract activations',
  couple: 'Couple',
  analyse: 'Analyse pairs',
  compare: 'Compare layers',
  'measure-pairs': 'Measure pairs',
  export: 'Export',
  relink: 'Find moved files',
  phantom: 'Phantom',
};

/** What a job is, with what tells it from others of its kind: "Extract activations · resnet18 · last". */
export function describeJob({ type, input }: Pick<JobView, 'type' | 'input'>): string {
  const fields = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const source = fields.source as Record<string, unknown> | undefined;
  const files = source?.files as string[] | undefined;
  const parts = [
    source?.bids && baseName(source.bids),
    files && (files.length === 1 ? baseName(files[0]) : `${files.length} files`),
    fields.movieRun,
    fields.model,
    Array.isArray(fields.layers) ? fields.layers.join(', ') : fields.layers,
    fields.file && (fields.name ?? baseName(fields.file)),
    type === 'train' && `${variantName(String(fields.variant ?? 'lt'))}, ${String(fields.fbns)} FBNs`,
    type === 'decompose' && `${variantName(String(fields.method))}, ${String(fields.fbns)} FBNs`,
    type === 'export' && fields.folder && baseName(fields.folder),
    fields.embedding && `embedding ${String(fields.embedding)}`,
  ];
  return [titles[type] ?? type, ...parts.filter((part) => typeof part === 'string' && part !== '')].join(' · ');
}

function baseName(path: unknown): string {
  return (
    String(path)
      .split(/[/\\]/)
      .findLast((part) => part !== '') ?? ''
  );
}
