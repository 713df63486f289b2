import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { readNiftiHeader, readVolumes } from '../../src-main/fmri/nifti/read';
import { writeNifti } from '../../src-main/fmri/nifti/write';
import { generateLargeProject } from '../bench/large-project';
import { runJson } from '../e2e/cli';

/**
 * `npm run figures [-- --folder DIR]`: the pictures of docs/figures.md, one of every kind, from the phantom by the commands that a user
 * gives. What the phantom planted stands in for a vocabulary and for labels. A folder that holds the phantom already is drawn from again.
 */
const { values } = parseArgs({ options: { folder: { type: 'string' }, only: { type: 'string' } } });
const pictures = join(import.meta.dirname, '../../docs/pictures/figures');
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'syncact-figures-'));
const phantom = join(folder, 'demo/phantom.syncact');
const tenModels = join(folder, 'ten-models.syncact');
/** Half of what a journal asks for: a page is no print. */
const DPI = 150;

interface Planted {
  maps: string;
  layer: string;
  networks: { name: string; /** null: it follows none. */ filter: { index: number; description: string } | null }[];
}

/** What is drawn, of which project, with which settings. */
const figures: [name: string, project: string, settings: string[]][] = [
  ['pairs', phantom, ['--kind', 'pairs', '--frames', 'show', '--set', 'termKinds="all"']],
  ['pairs-glass', phantom, ['--kind', 'pairs', '--set', 'termKinds="all"', 'glass=true', 'palette=purple-orange']],
  ['atlas', phantom, ['--kind', 'atlas', '--set', 'columns=8', 'cuts=3']],
  ['comparison', phantom, ['--kind', 'comparison', '--best', '4', '--set', 'embeddings=[3,2,1]']],
  ['matrix', phantom, ['--kind', 'matrix', '--width', '89']],
  ['regression', tenModels, ['--kind', 'regression']],
  ['ablation', phantom, ['--kind', 'ablation']],
  ['null-distribution', phantom, ['--kind', 'null-distribution', '--best', '2']],
  ['hierarchy', phantom, ['--kind', 'hierarchy', '--width', '89']],
  ['calibration', phantom, ['--kind', 'calibration', '--width', '89']],
  ['calibration-study', phantom, ['--kind', 'calibration', '--set', 'study=docs/statistics.json']],
];

if (!values.only) await makeProjects();
mkdirSync(pictures, { recursive: true });
for (const [name, project, settings] of figures) {
  if (values.only && !values.only.split(',').includes(name)) continue;
  const file = join(folder, `${name}.png`);
  if (name.startsWith('pairs'))
    settings.push(`rows=${JSON.stringify((await bestOfFilters()).slice(0, name === 'pairs' ? 3 : 1))}`);
  const { widthMm, heightMm } = await runJson<{ widthMm: number; heightMm: number }>(
    ...['figure', project, ...settings, '--dpi', String(DPI), '--out', file],
  );
  console.error(`${name}: ${widthMm} × ${heightMm} mm`);
  await sharp(file)
    .png({ palette: true, compressionLevel: 9 })
    .toFile(join(pictures, `${name}.png`));
}
if (!values.folder) rmSync(folder, { recursive: true, force: true });
process.exit(0);

/** The best pairs of different FBNs and different filters in the last layer: what the phantom planted, each once. */
async function bestOfFilters(): Promise<Record<string, unknown>[]> {
  type Row = { direction: string; model: string; layer: string; movieRun: string; fbn: number; filter: number; r: number };
  const { rows } = await runJson<{ rows: Row[] }>('report', phantom, '--table', 'pairs');
  const found: Row[] = [];
  for (const row of rows.filter((one) => one.direction === 'fbn-to-filter').toSorted((a, b) => b.r - a.r))
    if (row.layer === 'stage4' && !found.some(({ fbn, filter }) => fbn === row.fbn || filter === row.filter)) found.push(row);
  return found.map(({ model, layer, movieRun, fbn, filter }) => ({ fbn, model, layer, filter, movieRun }));
}

async function makeProjects(): Promise<void> {
  console.error('the phantom …');
  if (!existsSync(phantom)) await runJson('demo', join(folder, 'demo'), '--variants', 'lt,lt-lstm,lt-msa');
  await nameWhatWasPlanted(join(folder, 'demo/data'));
  await runJson('couple', phantom, '--mode', 'corrected');
  await runJson('compare', phantom);
  if (existsSync(tenModels)) return;
  console.error('ten models …');
  const size = { subjects: 6, movieRuns: 4, models: 10, layersPerModel: 1, filtersPerLayer: [256] };
  await generateLargeProject(tenModels, { ...size, fbns: 64, voxelMm: 8, timePoints: 300 });
}

/** The planted maps become a vocabulary of ten terms, what the filters see their labels. */
async function nameWhatWasPlanted(data: string): Promise<void> {
  const planted = JSON.parse(readFileSync(join(data, 'planted.json'), 'utf8')) as Planted;
  const [terms, labels] = [join(folder, 'terms'), join(folder, 'labels.csv')];
  mkdirSync(terms, { recursive: true });
  const file = join(data, planted.maps);
  const header = await readNiftiHeader(file);
  let place = 0;
  for await (const volume of readVolumes(file, header)) {
    const name = planted.networks[place++]?.name;
    if (name === undefined) break;
    const content = { grid: header.grid, volumes: [volume], count: 1, dataType: 'float32', spaceCode: 4 } as const;
    await writeNifti(join(terms, `${name}.nii.gz`), content);
  }
  const rows = planted.networks.flatMap(({ filter }) => (filter ? `${filter.index},"${filter.description}"` : []));
  writeFileSync(labels, ['unit,label', ...rows, ''].join('\n'));
  await runJson('import-terms', phantom, '--maps', terms, '--name', 'planted networks');
  await runJson('decode', phantom);
  await runJson('import-labels', phantom, labels, '--model', 'phantom-cnn', '--layer', planted.layer, '--first-unit', '0');
}
