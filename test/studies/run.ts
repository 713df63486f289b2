import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngineProduct } from '../../src-main/coupling/product';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { realdataAvailable } from '../realdata/realdata-folder';
import { rejectionRate, simulate, SIMULATION, PHIS, type PairTest } from './calibration';
import { CONTROLS, controlWays, simulateControls, type ControlTest } from './controls';
import { calibrationFigure, powerFigure } from './figure';
import { measurePower, POWER } from './power';
import { testUnrelated, UNRELATED } from './unrelated';

/**
 * `npm run study [-- simulated|controls|real|power|document]`: the studies behind docs/statistics.md. Their figures are kept in
 * docs/statistics.json; the tables of the document and its pictures are written from there, by `document` alone without a study.
 */
const root = join(import.meta.dirname, '../..');
const file = join(root, 'docs/statistics.json');
const wanted = process.argv
  .slice(2)
  .filter((argument) => ['simulated', 'controls', 'real', 'power', 'document'].includes(argument));
const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
const ways = ['paper', 'effective', 'bonferroni', 'shift', 'phase', 'family'] as const;
const waysOfControl = Object.keys(controlWays) as (keyof typeof controlWays)[];
const folder = mkdtempSync(join(tmpdir(), 'syncact-study-'));
const engine = await createEngineProduct(onnxruntimeEngine, { threads: 1 });

try {
  if (isWanted('simulated')) {
    const problems = await simulate(
      engine,
      (done) => done % 50 === 0 && console.error(`${done} of ${SIMULATION.problems} problems`),
    );
    const of = (tests: PairTest[][]) => Object.fromEntries(ways.map((way) => [way, rounded(rejectionRate(tests, way))]));
    const byPhi = PHIS.map((phi) => ({ phi, ...of(problems.filter((one) => one.phi === phi).map(({ tests }) => tests)) }));
    const all = problems.map(({ tests }) => tests);
    keep({
      simulated: {
        settings: SIMULATION,
        byPhi,
        all: of(all),
      },
    });
  }
  if (isWanted('controls')) {
    const problems = await simulateControls(
      engine,
      (done) => done % 30 === 0 && console.error(`${done} of ${CONTROLS.problems} problems`),
    );
    const of = (tests: ControlTest[][]) =>
      Object.fromEntries(waysOfControl.map((way) => [way, rounded(rejectionRate(tests, way))]));
    const byPhi = CONTROLS.phis.map((phi) => ({
      phi,
      ...of(problems.filter((one) => one.phi === phi).map(({ tests }) => tests)),
    }));
    keep({ controls: { settings: CONTROLS, byPhi, all: of(problems.map(({ tests }) => tests)) } });
  }
  if (isWanted('real') && realdataAvailable) {
    const results = await testUnrelated(folder, engine, (text) => console.error(text));
    const groups = Map.groupBy(results, ({ clip, how, run }) => `${clip}, ${how}, ${run}`);
    const rows = [...groups].map(([name, own]) => ({ name, layers: own.length, ...sharesOf(own.map(({ tests }) => tests)) }));
    // FBNs share signal and filters of a clip too: what is independent, more or less, is a run with a clip.
    const clusters = [...groups.values()].map((own) => own.flatMap(({ tests }) => tests));
    const error = rejectionRate(clusters, 'shift').error;
    keep({ real: { settings: UNRELATED, rows, all: { ...sharesOf(results.map(({ tests }) => tests)), error } } });
  }
  if (isWanted('power')) {
    keep({ power: { settings: POWER, levels: await measurePower(folder, engine, (text) => console.error(text)) } });
  }
} finally {
  await engine.release();
  rmSync(folder, { recursive: true, force: true });
}
writeDocument();
process.exit(0);

function sharesOf(tests: PairTest[][]): Record<string, number> {
  const all = tests.flat();
  const share = (way: keyof PairTest) => Number((all.filter((test) => test[way] <= 0.05).length / all.length).toFixed(4));
  return {
    pairs: all.length,
    paper: share('paper'),
    effective: share('effective'),
    shift: share('shift'),
    family: share('family'),
  };
}

function rounded({ share, error }: { share: number; error: number }): { share: number; error: number } {
  return { share: Number(share.toFixed(4)), error: Number(error.toFixed(4)) };
}

function keep(part: Record<string, unknown>): void {
  const known = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : {};
  writeFileSync(file, `${JSON.stringify({ ...known, ...part }, null, 1)}\n`);
}

/** Puts the tables between the marks of docs/statistics.md, and draws its picture. */
function writeDocument(): void {
  const study = JSON.parse(readFileSync(file, 'utf8')) as StudyFile;
  const document = join(root, 'docs/statistics.md');
  let text = readFileSync(document, 'utf8');
  const put = (name: string, table: string) => {
    text = text.replace(new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`), `$1\n${table}\n\n$2`);
  };
  if (study.simulated) {
    put('simulated', simulatedTable(study.simulated));
    writeFileSync(join(root, 'docs/statistics-calibration.svg'), calibrationFigure(study.simulated));
  }
  if (study.controls) put('controls', controlsTable(study.controls));
  if (study.real) put('real', realTable(study.real));
  if (study.power) {
    put('power', powerTable(study.power));
    writeFileSync(join(root, 'docs/statistics-power.svg'), powerFigure(study.power.levels));
  }
  writeFileSync(document, text);
}

type Shares = Record<(typeof ways)[number], { share: number; error: number }>;

type ControlShares = Record<keyof typeof controlWays, { share: number; error: number }>;

export interface StudyFile {
  simulated?: { byPhi: ({ phi: number } & Shares)[]; all: Shares };
  controls?: { byPhi: ({ phi: number } & ControlShares)[]; all: ControlShares };
  real?: { rows: (Record<string, number> & { name: string })[]; all: Record<string, number> };
  power?: { levels: Awaited<ReturnType<typeof measurePower>> };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function simulatedTable({ byPhi, all }: NonNullable<StudyFile['simulated']>): string {
  const line = (name: string, shares: Shares) =>
    `| ${name} | ${ways.map((way) => `${percent(shares[way].share)} ± ${(100 * shares[way].error).toFixed(1)}`).join(' | ')} |`;
  return [
    '| φ | paper | effective N | effective N × filters | null: all shifts | null: phases | family-wise |',
    '|---:|---:|---:|---:|---:|---:|---:|',
    ...byPhi.map((shares) => line(shares.phi.toFixed(1), shares)),
    line('**all**', all),
  ].join('\n');
}

function controlsTable({ byPhi, all }: NonNullable<StudyFile['controls']>): string {
  const columns = [...byPhi.map((shares) => ({ title: `φ ${shares.phi}`, shares })), { title: 'all', shares: all }];
  const cell = ({ share, error }: { share: number; error: number }) => `${percent(share)} ± ${(100 * error).toFixed(1)}`;
  return [
    `| tested by | ${columns.map(({ title }) => title).join(' | ')} |`,
    `|:--|${columns.map(() => '---:|').join('')}`,
    ...waysOfControl.map((way) => `| ${controlWays[way]} | ${columns.map(({ shares }) => cell(shares[way])).join(' | ')} |`),
  ].join('\n');
}

function realTable({ rows, all }: NonNullable<StudyFile['real']>): string {
  const line = (name: string, one: Record<string, number>) =>
    `| ${name} | ${one.pairs} | ${percent(one.paper!)} | ${percent(one.effective!)} | ${percent(one.shift!)} | ${percent(one.family!)} |`;
  return [
    '| clip, how, run | pairs | paper | effective N | null: all shifts | family-wise |',
    '|:--|---:|---:|---:|---:|---:|',
    ...rows.map((row) => line(row.name, row)),
    line('**all**', all),
    '',
    `Standard error of the share by the null, over the ${rows.length} combinations: ${percent(all.error!)}.`,
  ].join('\n');
}

function powerTable({ levels }: NonNullable<StudyFile['power']>): string {
  const of = (part: number, whole: number) => (whole === 0 ? '–' : `${part} of ${whole} (${percent(part / whole)})`);
  return [
    '| noise | true pairs found (paper) | kept (corrected) | false pairs called significant (paper) | dropped (corrected) |',
    '|---:|---:|---:|---:|---:|',
    ...levels.map(
      ({ noise, true: right, false: wrong }) =>
        `| ${noise} | ${of(right.paper, POWER.networks * POWER.runs * POWER.repetitions)} | ${of(right.corrected, right.paper)} | ${of(wrong.paper, wrong.scanned)} | ${of(wrong.paper - wrong.corrected, wrong.paper)} |`,
    ),
  ].join('\n');
}
