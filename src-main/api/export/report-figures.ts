import { figureSpec, type FigureSpecInput } from '../../../src-preload/shared/contract/figures';
import type { FramesChoice, ReportTask } from '../../../src-preload/shared/contract/report';
import type { Project } from '../../project/project';
import type { Embedding } from '../../project/queries/embeddings';
import { prepareFigure } from '../figures/prepare';
import { orNothing } from './or-nothing';

const SHOWN_PAIRS = 8;
const REPORT_DPI = 150;
/** As many as fit on a page. */
const ATLAS_FBNS = 64;

/** The figures that a project can fill, each with its caption. */
export async function reportFigures(
  project: Project,
  { id, fbns }: Embedding,
  frames: FramesChoice,
  format: ReportTask['format'],
): Promise<ReportTask['figures']> {
  const common = { embedding: id, dpi: REPORT_DPI };
  const wanted: { caption: string; spec: FigureSpecInput }[] = [
    {
      spec: { ...common, kind: 'pairs', best: SHOWN_PAIRS, frames },
      caption:
        'The best pairs of different FBNs. Left, the FBN’s map over the mean image of the scans, with the terms it is most like; middle, the ' +
        'z-scored activations of FBN (solid) and filter (dashed); right, what the filter responds to. ' +
        framesCaption[frames],
    },
    { spec: { ...common, kind: 'matrix' }, caption: 'Mean r over the pairs, by model, layer and movie run.' },
    {
      spec: { ...common, kind: 'regression' },
      caption: 'Mean r in the last convolutional layer over ImageNet top-1 accuracy, by movie run.',
    },
    {
      spec: { ...common, kind: 'null-distribution' },
      caption:
        'Corrected mode: the r of the pairs beside the largest r that copies of the FBN activations without any relation reach.',
    },
    { spec: { ...common, kind: 'hierarchy' }, caption: 'How deep in its network every FBN is predicted best.' },
    { spec: { ...common, kind: 'ablation' }, caption: 'Embeddings compared by the metrics of their pairs (Table 4).' },
    // A page has a viewer for maps.
    ...(format === 'pdf'
      ? atlasPages(fbns).map((of) => ({ spec: { ...common, kind: 'atlas' as const, fbns: of }, caption: atlasCaption(of) }))
      : []),
  ];
  const made = wanted.map(({ spec, caption }) =>
    orNothing(async () => ({ caption, task: await prepareFigure(project, figureSpec.parse(spec), 'svg') })),
  );
  return (await Promise.all(made)).flat();
}

/** FBNs of an atlas page by page. */
function atlasPages(fbns: number): number[][] {
  const pages = Array.from({ length: Math.ceil(fbns / ATLAS_FBNS) }, (_, page) => page * ATLAS_FBNS);
  return pages.map((first) => Array.from({ length: Math.min(ATLAS_FBNS, fbns - first) }, (_, i) => first + i));
}

const atlasCaption = (fbns: number[]) => `FBNs ${fbns[0]} to ${fbns.at(-1)}, in axial cuts.`;

const framesCaption: Record<FramesChoice, string> = {
  drop: 'Frames of the movie are left out.',
  blur: 'Frames of the movie are blurred.',
  show: 'Frames of the movie are shown.',
};
