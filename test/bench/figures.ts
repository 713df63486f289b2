import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFigure } from '../../src-main/api/figures/make-figure';
import { openProject, type Project } from '../../src-main/project/project';
import { listCouplings, listPairs } from '../../src-main/project/queries/couplings';
import { figureSpec, type FigureSpecInput } from '../../src-preload/shared/contract/figures';
import { quietContext } from '../../src-preload/shared/domain/work';
import { milliseconds, type BenchmarkResult } from './benchmark';
import { generateLargeProject } from './large-project';

const ROWS = 20;
const ROUNDS = 3;

/**
 * Figures of a project of 512 FBNs on the 4 mm grid, 18 subjects in two movie runs of 900 TRs: each as a window or a command gets it, with the
 * start of the compute process that draws it.
 */
export async function run(): Promise<BenchmarkResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'syncact-bench-'));
  const path = join(folder, 'large.syncact');
  console.error('  generating the project …');
  const size = { subjects: 18, movieRuns: 2, models: 4, layersPerModel: 1, filtersPerLayer: [512], fbns: 512 };
  await generateLargeProject(path, { ...size, voxelMm: 4, timePoints: 900 });
  const project = openProject(path, 'bench');
  const time = async (spec: FigureSpecInput, ending: string) => {
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const file = join(folder, `figure.${ending}`);
      const drawn = await milliseconds(() => writeFigure(project, figureSpec.parse(spec), file, quietContext()));
      seconds.push(drawn / 1000);
    }
    return Math.max(...seconds);
  };
  try {
    const pairs = { kind: 'pairs', rows: bestRows(project) } as const;
    const [svg, pdf, png] = [await time(pairs, 'svg'), await time(pairs, 'pdf'), await time(pairs, 'png')];
    const glass = await time({ ...pairs, glass: true }, 'svg');
    const atlas = await time({ kind: 'atlas' }, 'svg');
    return [
      {
        ...{ name: `figure of ${ROWS} pairs`, ratio: 'seconds of the slowest form', value: Math.max(svg, pdf, png, glass) },
        ...{ bound: { atMost: 5 }, details: { svg, pdf, png, 'svg, glass brains': glass, 'atlas of 512 FBNs, svg': atlas } },
      },
    ];
  } finally {
    project.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pairs of different FBNs in both movie runs, of a model whose r matrices are kept. */
function bestRows({ database }: Project): { fbn: number; model: string; layer: string; filter: number; movieRun: string }[] {
  const couplings = listCouplings(database).filter(
    ({ model, direction }) => model === 'resnet50' && direction === 'fbn-to-filter',
  );
  return couplings.flatMap(({ id, model, layer, movieRun }, i) =>
    listPairs(database, id)
      .slice(i * ROWS, i * ROWS + ROWS / couplings.length)
      .map(({ fbn, filter }) => ({ fbn, filter, model, layer, movieRun })),
  );
}
