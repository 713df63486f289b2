import type { ExportInput, FramesChoice } from '../../../src-preload/shared/contract/report';

/** What a project can be written as, from the Report screen. */
export interface ExportForm {
  as: Exclude<ExportInput['as'], 'clip'>;
  label: string;
  about: string;
  /** Of the file; none: a folder. */
  ending?: string;
  extensions?: string[];
  hasFrames?: boolean;
  hasFilters?: boolean;
}

export const exportForms: readonly ExportForm[] = [
  {
    ...{ as: 'html', label: 'report as a page (HTML)', ending: '.html', extensions: ['html'], hasFrames: true },
    about:
      'One file that a browser opens without a network: tables, figures, methods, and all FBN maps and activations to look through.',
  },
  {
    ...{ as: 'pdf', label: 'report on pages (PDF)', ending: '.pdf', extensions: ['pdf'], hasFrames: true },
    about: 'Tables, figures and methods on A4 pages, with all FBNs in cuts; text can be selected, figures are vectors.',
  },
  {
    ...{ as: 'latex', label: 'tables (LaTeX)', ending: '.tex', extensions: ['tex'] },
    about: 'Every table that the project can fill, with its caption, for \\input in an article that uses booktabs.',
  },
  {
    ...{ as: 'bids', label: 'BIDS derivative', hasFilters: true },
    about: 'FBN maps (NIfTI), FBN and filter activations, pairs and annotations as tables, each with its JSON.',
  },
  {
    ...{ as: 'npz', label: 'arrays for NumPy (npz)', ending: '.npz', extensions: ['npz'], hasFilters: true },
    about: 'The same maps and activations as named arrays, with mask and affine.',
  },
  {
    ...{
      as: 'annotations',
      label: 'annotations',
      ending: '.csv, .tsv, .json or .jsonl',
      extensions: ['csv', 'tsv', 'json', 'jsonl'],
    },
    about: 'What was curated by hand; the ending says the format.',
  },
];

export const framesOptions: { value: FramesChoice; label: string }[] = [
  { value: 'blur', label: 'blurred' },
  { value: 'drop', label: 'left out' },
  { value: 'show', label: 'shown: only where you may (its makers hold the rights)' },
];

/** A file's path with the ending that its form has, where there is one and only one. */
export function withEnding(path: string, { extensions }: Pick<ExportForm, 'extensions'>): string {
  if (extensions?.length !== 1 || path.toLowerCase().endsWith(`.${extensions[0]}`)) return path;
  return `${path}.${extensions[0]}`;
}
