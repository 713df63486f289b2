import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { readMask } from '../../src-main/fmri/mask';
import { readNiftiHeader, readVolumes } from '../../src-main/fmri/nifti/read';
import { FolderAccess } from '../../src-main/api/path-access';
import { Workstation } from '../../src-main/api/workstation';
import { readNpz } from '../../src-main/files/npz';
import { decodeVideo } from '../../src-main/stimulus/video-decoder';
import { probeVideo } from '../../src-main/stimulus/video-probe';
import type { SavedFigure } from '../../src-preload/shared/contract/figures';
import { checkDerivative } from '../bids-rules';
import { runCli, runJson, temporaryFolder } from './cli';
import { makeSmallData, smallVolumes, type SmallData } from './small-data';

interface Info {
  subjects: { name: string; split: string }[];
  stale: { what: string; why: string }[];
  couplings: number;
}

let folder: string;
let project: string;
let data: SmallData;
const train = ['--fbns', '6', '--epochs', '30', '--batch', '4', '--learning-rate', '0.002'];

beforeAll(async () => {
  folder = temporaryFolder();
  data = await makeSmallData(folder);
  project = join(folder, 'm.syncact');
  await runJson('init', project);
});

test('scans are imported into the mask; a second time nothing is done', async () => {
  const args = ['import-fmri', project, '--bids', data.bids, '--mask', data.mask, '--like', data.mask];
  const first = await runJson<{ runs: { skipped: boolean; volumes: number }[]; mask: { voxels: number } }>(...args);
  expect(first.runs).toHaveLength(6);
  expect(first.runs.every((run) => !run.skipped && run.volumes === smallVolumes)).toBe(true);
  expect(first.mask.voxels).toBe((await readMask(data.mask)).voxels.length);
  const second = await runJson<{ runs: { skipped: boolean }[] }>(...args);
  expect(second.runs.every((run) => run.skipped)).toBe(true);
  expect(readdirSync(join(project, 'runs'))).toHaveLength(6);
});

test('a movie of another length stops with both numbers; --trim cuts and says so', async () => {
  const frames = ['import-movie', project, '--run', 'task-clip', '--frames', data.frames];
  const half = await runCli(...frames, '--fps', '2', '--tr', '1');
  expect(half.code).toBe(2);
  expect(half.stderr).toMatch(/expected 60 time points \(sub-01\), found 30 \(the movie\).*--trim/);
  const otherTr = await runCli(...frames, '--tr', '2');
  expect(otherTr.code).toBe(2);
  expect(otherTr.stderr).toMatch(/TRs of movie run task-clip differ \(expected 1 s/);
  expect(readdirSync(join(project, 'frames'))).toEqual([]);
  const trimmed = await runJson<{ timePoints: number; trimmed: string }>(...frames, '--fps', '2', '--tr', '1', '--trim');
  expect(trimmed).toMatchObject({ timePoints: 30, trimmed: expect.stringMatching(/first 30 time points.*60/) as string });
  expect(await runJson(...frames, '--tr', '1')).toMatchObject({ timePoints: smallVolumes, trimmed: null });
});

test('training, extraction and coupling give a table; FBN maps lie in the mask', async () => {
  await runJson('import-model', project, data.model);
  const trained = await runJson<{ maps: string; epochs: { trainLoss: number }[]; device: object }>('train', project, ...train);
  expect(trained.device).toEqual({ requested: 'auto', actual: 'cpu' });
  expect(trained.epochs.at(-1)!.trainLoss).toBeLessThan(trained.epochs[0]!.trainLoss);
  const header = await readNiftiHeader(trained.maps);
  expect([...header.shape]).toEqual([20, 22, 18, 6]);
  const inside = new Set((await readMask(data.mask)).voxels);
  for await (const map of readVolumes(trained.maps, header)) {
    map.forEach((value, voxel) => value !== 0 && expect(inside.has(voxel)).toBe(true));
    expect(map.some((value) => value !== 0)).toBe(true);
  }
  await runJson('extract', project, '--model', 'small', '--layers', 'all');
  const coupled = await runJson<{ couplings: { direction: string; pairs: number; meanR: number }[] }>('couple', project);
  expect(coupled.couplings).toHaveLength(4);
  const table = await runJson<{ rows: Record<string, unknown>[] }>('report', project, '--table', '1');
  expect(table.rows).toHaveLength(1);
  const pairs = await runJson<{ rows: { direction: string; layer: string; r: number; p: number }[] }>(
    'report',
    project,
    '--table',
    'pairs',
  );
  expect(pairs.rows).toHaveLength(coupled.couplings.reduce((sum, coupling) => sum + coupling.pairs, 0));
  expect(pairs.rows.every(({ r, p }) => Math.abs(r) <= 1 && p >= 0 && p <= 1)).toBe(true);
  const ablation = await runJson<{ rows: Record<string, number | string>[] }>('report', project, '--table', '4');
  const all = ablation.rows.at(-1)!;
  expect(all).toMatchObject({ variant: 'LT', movieRun: 'all runs', pairs: 6, PCCPublished: null });
  const lastLayer = pairs.rows.filter(({ direction, layer }) => direction === 'fbn-to-filter' && layer === all.layer);
  expect(all.PCC).toBeCloseTo(lastLayer.reduce((sum, { r }) => sum + r, 0) / 6, 5);
  expect(all.MSE).toBeCloseTo(2 * (1 - Number(all.PCC)), 5);
  expect(await runJson('report', project, '--table', '4')).toEqual(ablation);
  const { stdout } = await runCli('report', project, '--table', '8', '--format', 'tex');
  expect(stdout).toMatch(/\\begin\{tabular\}/);
});

test('a figure of every kind is written; frames are blurred unless asked for; what is not there is said', async () => {
  for (const [kind, ending] of [
    ['pairs', 'svg'],
    ['atlas', 'pdf'],
    ['matrix', 'png'],
    ['ablation', 'pdf'],
  ] as const) {
    const file = join(folder, `${kind}.${ending}`);
    const made = await runJson<{ bytes: number; widthMm: number; spec: Record<string, unknown> }>(
      ...['figure', project, '--kind', kind, '--out', file, '--width', '89', '--dpi', '100'],
    );
    expect(made.widthMm).toBe(89);
    expect(statSync(file).size).toBe(made.bytes);
    if (kind === 'pairs') expect(made.spec).toMatchObject({ frames: 'blur', best: 4 });
  }
  const accuracy = await runCli('figure', project, '--kind', 'regression', '--out', join(folder, 'regression.svg'));
  expect(accuracy).toMatchObject({ code: 2, stderr: expect.stringContaining('top-1') });
  for (const [kind, remedy] of [
    ['comparison', 'embeddings=[1,2]'],
    ['null-distribution', '--mode corrected'],
    ['hierarchy', 'syncact compare'],
    ['calibration', 'study='],
  ] as const) {
    const missing = await runCli('figure', project, '--kind', kind, '--out', join(folder, 'missing.svg'));
    expect(missing, kind).toMatchObject({ code: 2, stderr: expect.stringContaining(remedy) });
  }
  const ending = await runCli('figure', project, '--kind', 'matrix', '--out', join(folder, 'matrix.gif'));
  expect(ending).toMatchObject({ code: 2, stderr: expect.stringContaining('.svg, .pdf, .png') });
  expect(existsSync(join(folder, 'matrix.gif'))).toBe(false);
});

test('a report is written as HTML, PDF and LaTeX; frames of the movie are in it as asked, blurred where nothing is said', async () => {
  const report = (name: string) => join(folder, name);
  const asked = ['--frames', 'drop', '--pdf', report('report.pdf'), '--latex', report('tables.tex')];
  const write = async (name: string, ...args: string[]) => {
    const made = await runJson<{ latex?: { tables: string[] } }>('export', project, '--html', report(name), ...args);
    return { ...made, page: readFileSync(report(name), 'utf8') };
  };
  const [dropped, blurred, shown] = [
    await write('dropped.html', ...asked),
    await write('blurred.html'),
    await write('shown.html', '--frames', 'show'),
  ];
  const photographs = (page: string) => page.match(/data:image\/jpeg/g)?.length ?? 0;
  expect(photographs(dropped.page)).toBe(0);
  expect(photographs(blurred.page)).toBeGreaterThan(0);
  expect(photographs(shown.page)).toBe(photographs(blurred.page));
  expect(shown.page).not.toBe(blurred.page);
  expect(blurred.page).toContain('Frames of the movie are blurred.');
  expect(readFileSync(report('report.pdf')).subarray(0, 5).toString()).toBe('%PDF-');
  const tex = readFileSync(report('tables.tex'), 'utf8');
  const { tables } = dropped.latex!;
  expect(tables).toEqual(expect.arrayContaining(['1', '8', 'pairs']));
  expect(tex.match(/\\begin\{table\}/g)).toHaveLength(tables.length);
  expect(tex).toContain(`N = ${smallVolumes} time points in each movie run.`);
  expect(tex).toMatch(/Mode: paper\..*means over \d test subjects?/);
  // Nothing that LaTeX takes for its own is left in what a project calls things.
  expect(tex.replace(/\\[_#$%&{}]/g, '')).not.toMatch(/[#$&]_|[a-z]_[a-z]/);
  const nowhere = await runCli('export', project, '--html', join(folder, 'none', 'report.html'));
  expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('no such file or folder') });
});

test('a window draws a figure to the byte as the command draws it from the saved settings', async () => {
  const paths = new FolderAccess([folder], 'choose another');
  const workstation = new Workstation({ host: 'browser', program: 'a test', stateFile: join(folder, 'recent.json'), paths });
  const answer = async <Data>(...[name, input]: Parameters<Workstation['answer']>) => {
    const reply = await workstation.answer(name, input);
    if (!reply.ok) throw new Error(JSON.stringify(reply.error));
    return reply.data as Data;
  };
  try {
    await answer('app.open', { folder: project });
    for (const kind of ['pairs', 'ablation']) {
      await answer('figures.save', { name: kind, spec: { kind, widthMm: 89, dpi: 100 } });
      const [saved] = (await answer<SavedFigure[]>('figures.list', {})).filter(({ name }) => name === kind);
      const { id } = await answer<{ id: string }>('figures.draw', { spec: saved!.spec, format: 'svg' });
      const drawn = await workstation.resource(new Request(`http://window/resource/figures/${id}.svg`));
      const file = join(folder, `by-command-${kind}.svg`);
      await runJson('figure', project, '--spec', join(project, saved!.file), '--out', file);
      expect(Buffer.from(await drawn.arrayBuffer()).equals(readFileSync(file)), kind).toBe(true);
    }
  } finally {
    await workstation.close();
  }
});

test('a clip shows the movie with a pair’s map and traces; blurred unless it is to be seen; a stretch outside of the run is refused', async () => {
  const clip = (name: string, ...args: string[]) => ['clip', project, '--out', join(folder, name), ...args];
  const blurred = await runJson<{ seconds: number; picture: string; bytes: number }>(
    ...clip('clip.mp4', '--from', '10', '--to', '14'),
  );
  expect(blurred).toMatchObject({ seconds: 4, picture: 'frames', bytes: statSync(join(folder, 'clip.mp4')).size });
  await runJson(...clip('seen.mp4', '--from', '10', '--to', '14', '--with-frames'));
  const { signal } = new AbortController();
  const first = async (name: string) => {
    const file = join(folder, name);
    const information = await probeVideo(file, signal);
    const frames: Uint8Array[] = [];
    await decodeVideo(
      { file, information, width: 1280, height: 720 },
      signal,
      (_time, pixels) => void frames.push(pixels.slice()),
    );
    expect(frames).toHaveLength(100);
    return frames;
  };
  const [still, seen] = [await first('clip.mp4'), await first('seen.mp4')];
  // Only the movie tells them apart: everything below it is the same, the cursor included.
  const below = (pixels: Uint8Array) => pixels.subarray(520 * 1280 * 3);
  const distance = (a: Uint8Array, b: Uint8Array) => a.reduce((sum, part, i) => sum + Math.abs(part - b[i]!), 0) / a.length;
  expect(distance(below(still[50]!), below(seen[50]!))).toBeLessThan(0.05);
  expect(distance(still[50]!, seen[50]!)).toBeGreaterThan(0.1);
  // The cursor moves.
  expect(distance(below(still[0]!), below(still[99]!))).toBeGreaterThan(0.1);
  expect(await runCli(...clip('none.webm', '--from', '50', '--to', '70'))).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no such stretch.*0 to 60 s/),
  });
  expect(await runCli(...clip('none.mp4', '--fbn', '1'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('1 of the five'),
  });
  expect(existsSync(join(folder, 'none.webm'))).toBe(false);
});

test('a BIDS derivative keeps every rule, its maps are those of the project, and arrays are the same in NumPy’s form', async () => {
  const derivative = join(folder, 'derivative');
  const file = join(folder, 'all.npz');
  const { bids, npz } = await runJson<{ bids: { files: string[] }; npz: { arrays: string[] } }>(
    ...['export', project, '--bids', derivative, '--npz', file],
  );
  expect(checkDerivative(derivative)).toEqual([]);
  expect(bids.files).toContain('desc-embedding1_components.nii.gz');
  expect(bids.files).toContain('desc-embedding1_pairs.tsv');
  const maps = join(derivative, 'desc-embedding1_components.nii.gz');
  const [stored] = readdirSync(join(project, 'maps'));
  const exported = await readNiftiHeader(maps);
  const told = async (path: string) => (await runJson<{ affine: number[][] }>('nifti-info', path)).affine;
  expect(await told(maps)).toEqual(await told(join(project, 'maps', stored!)));
  const arrays = await readNpz(file);
  expect([...arrays.keys()]).toEqual(npz.arrays);
  const { voxels } = await readMask(data.mask);
  const flat = arrays.get('maps')!;
  expect(flat.shape).toEqual([6, voxels.length]);
  let fbn = 0;
  for await (const map of readVolumes(maps, exported)) {
    const inMask = Float32Array.from(voxels, (voxel) => map[voxel]!);
    expect(Float32Array.from(flat.data.subarray(fbn * voxels.length, ++fbn * voxels.length) as Float32Array)).toEqual(inMask);
  }
  const series = bids.files.find((path) => path.endsWith('_timeseries.tsv.gz'))!;
  const subject = series.split('/')[0]!;
  const lines = gunzipSync(readFileSync(join(derivative, series)))
    .toString()
    .trimEnd()
    .split('\n');
  const activations = arrays.get(`fbn/${subject}/task-clip`)!;
  expect([lines[0]!.split('\t').length, lines.length]).toEqual(activations.shape);
  const second = lines.map((line) => Math.fround(Number(line.split('\t')[1])));
  expect(second).toEqual([...(activations.data.subarray(lines.length, 2 * lines.length) as Float32Array)]);
  const again = await runCli('export', project, '--bids', derivative);
  expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/new or empty folder/)]);
  expect((await runCli('export', project)).code).toBe(2);
});

test('couplings under control are kept beside those without, tested by a null of their own, and say what was done', async () => {
  const before = await runJson('report', project, '--table', '1');
  const controls = ['--without', 'luminance,cut', '--hrf', 'derivatives', '--lag', '0-3', '--mode', 'corrected'];
  const form = 'max · without luminance, cut · HRF with derivatives · lag 0–3 s';
  const coupled = await runJson<{ form: string; couplings: { timePoints: number; correction: { surrogates: number } }[] }>(
    ...(['couple', project, '--direction', 'fbn-to-filter', ...controls] as [string, ...string[]]),
  );
  expect(coupled.form).toBe(form);
  expect(coupled.couplings.map(({ timePoints, correction }) => [timePoints, correction.surrogates])).toEqual([
    // Shifts by up to three TRs to either side are none of the null.
    [smallVolumes - 3, smallVolumes - 4 - 6],
    [smallVolumes - 3, smallVolumes - 4 - 6],
  ]);
  const { rows } = await runJson<{ rows: { form: string; lagSeconds: number }[] }>('report', project, '--table', 'pairs');
  const own = rows.filter((row) => row.form === form);
  expect(own.length).toBeGreaterThan(0);
  expect(own.every(({ lagSeconds }) => [0, 1, 2, 3].includes(lagSeconds))).toBe(true);
  expect(rows.some((row) => row.form === 'max' && row.lagSeconds === null)).toBe(true);
  expect(await runJson('report', project, '--table', '1')).toEqual(before);
  expect((await runJson<Info>('info', project)).stale).toEqual([]);
  const unknown = await runCli('couple', project, '--without', 'smell');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringMatching(/"smell" is none of luminance/)]);
  const between = await runCli('couple', project, '--lag', '0.2-0.8');
  expect([between.code, between.stderr]).toEqual([2, expect.stringMatching(/no delay of whole TRs/)]);
});

test('layers are compared with the FBNs as a whole; with a single run none is left out', async () => {
  expect((await runCli('report', project, '--table', 'layers')).stderr).toMatch(/syncact compare/);
  await runJson('compare', project);
  const { rows } = await runJson<{ rows: Record<string, number | null>[] }>('report', project, '--table', 'layers');
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row.ridge).toBeNull();
    expect(Math.abs(row.cka!)).toBeLessThanOrEqual(1);
    expect(row.ckaP!).toBeGreaterThanOrEqual(1 / smallVolumes);
  }
  expect((await runJson<{ rows: unknown[] }>('report', project, '--table', 'hierarchy')).rows).toEqual([]);
});

test('the FBNs are measured with the training; split halves on request', async () => {
  interface Quality {
    embeddings: { means: Record<string, number | null>; byFbn: Record<string, number>[] }[];
  }
  const args = ['quality', project, '--embedding', '1'];
  const [before] = (await runJson<Quality>(...args)).embeddings;
  expect(before!.byFbn).toHaveLength(6);
  const { explainedTogether, splitHalf, topShare, interSubject } = before!.means;
  expect(explainedTogether).toBeGreaterThan(0);
  expect(explainedTogether).toBeLessThan(1);
  const unique = before!.byFbn.reduce((sum, row) => sum + row.explainedUnique!, 0);
  expect(unique).toBeLessThan(explainedTogether! + 1e-6);
  for (const row of before!.byFbn) expect(row.explainedUnique).toBeLessThan(row.explainedAlone! + 1e-6);
  expect(topShare).toBeGreaterThan(0.05);
  expect(Math.abs(interSubject!)).toBeLessThan(1);
  expect(splitHalf).toBeNull();
  const [after] = (await runJson<Quality>(...args, '--split-half')).embeddings;
  expect(after!.means).toEqual({ ...before!.means, splitHalf: expect.any(Number) as number });
  expect(after!.byFbn.every((row) => row.splitHalf! >= 0 && row.splitHalf! <= 1)).toBe(true);
  const { stdout } = await runCli('quality', project);
  expect(stdout).toMatch(/embedding +variant +FBNs +together.*halves\n +1 +lt +6/);
  const missing = await runCli('quality', project, '--embedding', '9');
  expect([missing.code, missing.stderr]).toEqual([2, expect.stringMatching(/no trained embedding 9/)]);
});

test('what is there is not computed again', async () => {
  expect(await runJson('train', project, ...train)).toMatchObject({ alreadyTrained: true });
  const extracted = await runJson<{ activations: { computedFrames: number }[] }>(
    'extract',
    project,
    '--model',
    'small',
    '--layers',
    'all',
  );
  expect(extracted.activations.map((activation) => activation.computedFrames)).toEqual([0, 0]);
});

test('deleting the activation cache loses nothing but time', async () => {
  const before = await runJson('report', project, '--table', '8');
  for (const name of ['activations.sqlite', 'activations.sqlite-wal', 'activations.sqlite-shm'])
    rmSync(join(project, name), { force: true });
  expect((await runCli('couple', project)).code).toBe(2);
  expect(await runJson('train', project, ...train)).toMatchObject({ alreadyTrained: true });
  await runJson('extract', project, '--model', 'small', '--layers', 'all');
  await runJson('couple', project);
  expect(await runJson('report', project, '--table', '8')).toEqual(before);
});

test('another split, a changed source and a missing one are told as stale', async () => {
  expect((await runJson<Info>('info', project)).stale).toEqual([]);
  const { subjects } = await runJson<Info>('split', project);
  const moved = subjects.find((subject) => subject.split === 'train')!.name;
  await runJson('split', project, '--test', moved);
  const stale = (await runJson<Info>('info', project)).stale;
  expect(stale).toContainEqual({
    ...{ what: 'embedding 1', step: 'embedding' },
    why: expect.stringMatching(/training runs or the split/) as string,
  });
  await runJson('split', project, '--train', moved);
  expect((await runJson<Info>('info', project)).stale).toEqual([]);
  writeFileSync(data.model, 'something else');
  const [changed] = (await runJson<Info>('info', project)).stale;
  expect(changed).toEqual({ what: data.model, why: 'the file has changed since it was read', step: 'models' });
  const extract = await runCli('extract', project, '--model', 'small', '--layers', 'last');
  expect(extract.code).toBe(2);
  rmSync(data.model);
  expect((await runJson<Info>('info', project)).stale[0]!.why).toMatch(/no longer there/);
});

test('check finds a flipped bit', async () => {
  expect((await runCli('check', project)).code).toBe(0);
  const [run] = readdirSync(join(project, 'runs'));
  const path = join(project, 'runs', run!);
  const { readFileSync } = await import('node:fs');
  const bytes = readFileSync(path);
  bytes[bytes.length - 10]! ^= 1;
  writeFileSync(path, bytes);
  const { code, stdout } = await runCli('check', project);
  expect(code).toBe(2);
  expect(stdout).toMatch(new RegExp(`damaged: runs/${run}: the content does not match its hash`));
  expect(existsSync(path)).toBe(true);
});
