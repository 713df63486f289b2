import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { architectures } from '../../src-main/cnn/architectures';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { generatePhantom, type PhantomSummary } from '../../src-main/phantom/generate';
import { publishedTop1 } from '../../src-main/report/paper-tables';
import { quietContext } from '../../src-preload/shared/domain/work';
import { runCli, runJson } from '../e2e/cli';
import { writeRandomModel } from '../fixtures/random-model';
import { checkTable } from './table-layout';

/**
 * `npm run tables [-- --folder DIR]`: fills Tables 1 to 8 and Figure 3 from one project made of generated data, by the commands that a
 * user gives, and prints them as Markdown. See docs/tables.md.
 */
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    trs: { type: 'string', default: '120' },
    subjects: { type: 'string', default: '6' },
    models: { type: 'string' },
    fbns: { type: 'string', default: '64,128,256,512' },
    width: { type: 'string', default: '96' },
    height: { type: 'string', default: '80' },
  },
});
const MOVIE_RUNS = 4;
/** Whose blocks the paper's Table 3 has. */
const byBlock = new Set(['resnet18', 'resnet50', 'shufflenet_v2_x1_0', 'resnext50_32x4d']);

const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'syncact-tables-'));
mkdirSync(folder, { recursive: true });
const project = join(folder, 'tables.syncact');
const started = performance.now();
const tell = (text: string) => console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${text}`);

await importData(await makePhantom());
const models = values.models?.split(',') ?? architectures.map(({ name }) => name);
await importModels(models);
const fbns = values.fbns.split(',').map(Number);
// Blocks are extracted after the large embeddings are coupled: Tables 5 to 7 are of the last convolution alone.
for (const count of fbns.filter((one) => one !== 64)) await embed('lt-msa', count);
for (const name of models.filter((one) => byBlock.has(one)))
  await runJson('extract', project, '--model', name, '--layers', 'blocks');
if (fbns.includes(64)) for (const variant of ['lt', 'lt-lstm', 'lt-msa']) await embed(variant, 64);
const missing = await printTables();
tell(`everything is in ${folder}`);
for (const what of missing) console.error(`missing: ${what}`);
process.exit(missing.length === 0 ? 0 : 1);

/** Scans in which ten networks follow filters of the phantom's CNN, over four runs of a drawn movie. */
function makePhantom(): Promise<PhantomSummary> {
  tell('generating a movie and scans');
  const size = { subjects: Number(values.subjects), runs: MOVIE_RUNS, trsPerRun: Number(values.trs) };
  return generatePhantom({ folder: join(folder, 'data'), ...size, engine: onnxruntimeEngine, version: 'tables' }, quietContext());
}

async function importData({ bidsFolder, movies, trSeconds, model }: PhantomSummary): Promise<void> {
  tell('importing');
  await runJson('init', project);
  await runJson('import-fmri', project, '--bids', bidsFolder);
  const picture = ['--width', values.width, '--height', values.height];
  for (const { movieRun, video } of movies) {
    await runJson('import-movie', project, '--run', movieRun, '--video', video, '--tr', String(trSeconds), ...picture);
  }
  await runJson('import-model', project, model, '--name', 'phantom');
  await runJson('extract', project, '--model', 'phantom', '--layers', 'last');
}

/** CNNs of the paper with random weights, under their names and accuracies, so that every column is filled. */
async function importModels(names: readonly string[]): Promise<void> {
  for (const name of names) {
    tell(`${name} watches the movie`);
    const file = join(folder, `${name}.onnx`);
    await writeRandomModel(file, name);
    const top1 = ['--top1', String(publishedTop1(name))];
    await runJson('import-model', project, file, '--name', name, '--arch', name, '--trained-on', 'ImageNet', ...top1);
    await runJson('extract', project, '--model', name, '--layers', 'last');
  }
}

async function embed(variant: string, count: number): Promise<void> {
  tell(`${variant} with ${count} FBNs`);
  const form = variant === 'lt-msa' ? ['--plain'] : [];
  const settings = ['--variant', variant, ...form, '--fbns', String(count), '--epochs', '3', '--batch', '4'];
  const { embedding } = await runJson<{ embedding: number }>('train', project, ...settings, '--learning-rate', '0.003');
  await runJson('couple', project, '--embedding', String(embedding), '--mode', 'corrected');
}

/** @returns what the paper's tables have and these have not */
async function printTables(): Promise<string[]> {
  const sizes: Record<string, number> = { '5': 128, '6': 256, '7': 512 };
  const wanted = ['1', '2', '3', '4', '5', '6', '7', '8'].filter((name) => fbns.includes(sizes[name] ?? 64));
  const problems: string[] = [];
  for (const name of [...wanted, 'regression', 'paper']) {
    tell(`Table ${name}`);
    const { code, stdout, stderr } = await runCli('report', project, '--table', name);
    if (code !== 0) problems.push(`Table ${name}: ${stderr.trim()}`);
    console.log(stdout);
    writeFileSync(join(folder, `table-${name}.md`), stdout);
    if (/^\d$/.test(name) && code === 0) {
      const document = await runJson<Parameters<typeof checkTable>[1]>('report', project, '--table', name);
      problems.push(...checkTable(Number(name), document, MOVIE_RUNS));
    }
  }
  return problems;
}
