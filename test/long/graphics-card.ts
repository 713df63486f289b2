import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '../../src-main/files/npz';
import { killGroup, printed, runCli, runJson, startCli, temporaryFolder, type CliResult } from '../e2e/cli';
import { importSmallData, makeSmallData } from '../e2e/small-data';
import { writeHungryModel } from '../fixtures/hungry-model';
import { largestDifference } from '../unit/cnn/small-models';
import { notRun } from './not-run';

/**
 * A real graphics card through WebGPU: the numbers are those of the CPU, also after kills while it computes; and where its memory runs out,
 * that is called by its name and leaves no numbers behind. Where there is no card it says so. Some minutes.
 * vite-node test/long/graphics-card.ts [numbers] [kills] [maps] [buffer] [filled]: all by default.
 */
interface Training {
  epochs: { trainLoss: number; validationLoss: number }[];
}
interface Failure {
  error: { code: string; message: string };
}

/** More than any card has: maps of 805 MB. */
const LEVELS = 400;
/** Of the card's memory, in MiB, what another program leaves in turn. */
const LEFT = [400, 30];
const settings = ['--variant', 'lt-msa', '--heads', '2', '--fbns', '64', '--batch', '2', '--epochs', '100'];
const onCard = ['--device', 'webgpu'];

const folder = temporaryFolder();
const data = await makeSmallData(folder);
const imported = join(folder, 'imported.syncact');
await importSmallData(imported, data);
const failures: string[] = [];

const first = await runCli('train', newProject('first'), ...settings, ...onCard, '--json');
if (first.code !== 0 && failureOf(first).error.code === 'device-unavailable') {
  rmSync(folder, { recursive: true });
  notRun('the graphics card was', failureOf(first).error.message);
}
expect('a training runs on the card', first.code === 0, first.stdout + first.stderr);
const trained = JSON.parse(first.stdout) as Training;
const onCpu = await runJson<Training>('train', newProject('cpu'), ...settings, '--device', 'cpu');
// Later on they part, as any two trainings do whose numbers differ in their last bits: Adam's first steps are signs of gradients.
compareLosses('the first epochs on the card and on the CPU', firstEpoch(trained), firstEpoch(onCpu), 1e-3);

const parts: Record<string, () => Promise<void>> = {
  async numbers() {
    await compareActivations('the phantom’s CNN', join(import.meta.dirname, '../../resources/phantom/phantom-cnn.onnx'));
    await compareActivations('a small CNN', data.model);
  },
  kills: () => trainWithKills(2),
  maps: () => runOut('maps that do not fit together', LEVELS, 4),
  buffer: () => runOut('a map that fits in no buffer', 2, 128),
  async filled() {
    await fillAndTrain();
    await trainTooMuch();
  },
};
const chosen = process.argv.slice(2);
for (const [name, run] of Object.entries(parts)) {
  if (chosen.length === 0 || chosen.includes(name)) await run();
}

const after = await runJson<Training>('train', newProject('after'), ...settings, ...onCard);
compareLosses('a training after all this', after, trained, 1e-5);
rmSync(folder, { recursive: true });
for (const failure of failures) console.error(failure);
console.log(`graphics card: ${failures.length === 0 ? 'all as it should be' : `${failures.length} failures`}`);
process.exit(failures.length === 0 ? 0 : 1);

function newProject(name: string): string {
  const project = join(folder, `${name}.syncact`);
  cpSync(imported, project, { recursive: true });
  return project;
}

function expect(what: string, isSo: boolean, found: string): void {
  console.log(`${isSo ? 'passed' : 'FAILED'}: ${what}`);
  if (!isSo) failures.push(`${what}: ${found.trim().slice(-3000)}`);
}

async function expectSound(when: string, project: string): Promise<void> {
  const { code, stdout, stderr } = await runCli('check', project);
  expect(`${when}: the project is sound`, code === 0, stdout + stderr);
}

function failureOf({ stdout, stderr }: CliResult): Failure {
  try {
    const found = JSON.parse(stdout) as Partial<Failure>;
    if (found.error) return { error: found.error };
  } catch {
    // It says nothing that can be read.
  }
  return { error: { code: 'none', message: `${stdout}${stderr}`.slice(-2000) } };
}

function firstEpoch({ epochs }: Training): Training {
  return { epochs: epochs.slice(0, 1) };
}

function compareLosses(what: string, one: Training, other: Training, tolerance: number): void {
  const losses = ({ epochs }: Training) => epochs.flatMap(({ trainLoss, validationLoss }) => [trainLoss, validationLoss]);
  const found = difference(losses(one), losses(other));
  expect(`${what} have the same losses (largest relative difference ${found})`, found <= tolerance, String(found));
}

/** Relative to the largest; Infinity where there is nothing but zeros to compare with. */
function difference(values: ArrayLike<number>, others: ArrayLike<number>): number {
  return Array.from(others).some((value) => value !== 0) ? largestDifference(values, others) : Infinity;
}

async function compareActivations(what: string, model: string): Promise<void> {
  const files: Record<string, string> = {};
  for (const device of ['cpu', 'webgpu']) {
    files[device] = join(folder, `activations-${device}.npz`);
    rmSync(files[device], { force: true });
    await runJson('activations', model, data.frames, files[device], '--layers', 'all', '--device', device);
  }
  const [cpu, card] = [await readNpz(files.cpu!), await readNpz(files.webgpu!)];
  const names = [...cpu.keys()];
  const found = Math.max(
    ...names.map((name) => difference((card.get(name)?.data ?? []) as Float32Array, cpu.get(name)!.data as Float32Array)),
  );
  const said = `${what}: activations of ${names.length} layers as on the CPU (largest relative difference ${found})`;
  expect(said, found <= 1e-3, String(found));
}

async function trainWithKills(wanted: number): Promise<void> {
  const project = newProject('killed');
  for (let kills = 0; kills < wanted; kills++) {
    const args = kills === 0 ? settings : ['--resume'];
    const { child, result } = startCli(['train', project, ...args, ...onCard]);
    await printed(child, /training, epoch (?!1 )\d+ of/);
    killGroup(child);
    await result;
    await expectSound(`after kill ${kills + 1}`, project);
  }
  compareLosses('with and without kills', await runJson<Training>('train', project, '--resume', ...onCard), trained, 1e-5);
}

/** A CNN that needs more memory than there is. */
async function runOut(what: string, levels: number, enlarge: number): Promise<void> {
  const model = join(folder, 'hungry.onnx');
  writeHungryModel(model, levels, enlarge);
  const out = join(folder, 'hungry.npz');
  const alone = await runCli('activations', model, data.frames, out, ...onCard, '--json');
  expectOutOfMemory(`${what}: activations`, alone);
  expect(`${what}: no file is left`, !existsSync(out), 'there is one');
  const project = newProject(`hungry-${levels}`);
  await runJson('import-model', project, model);
  const extracted = await runCli('extract', project, '--model', 'hungry', ...onCard, '--json');
  expectOutOfMemory(`${what}: extract`, extracted);
  await expectSound(what, project);
  const next = await runCli('extract', project, '--model', 'small', ...onCard, '--json');
  expect(`${what}: the next extraction runs`, next.code === 0, next.stdout + next.stderr);
}

function expectOutOfMemory(what: string, result: CliResult): void {
  const { error } = failureOf(result);
  console.log(`${what} said: [${error.code}] ${error.message}`);
  expect(`${what} ran out of memory, and says so`, result.code !== 0 && error.code === 'out-of-memory', JSON.stringify(error));
}

/** Trains beside a program that leaves less and less of the card's memory: the same numbers as ever, or none. */
async function fillAndTrain(): Promise<void> {
  for (const mebibytes of LEFT) {
    const filler = await fillCard(mebibytes);
    if (!filler) {
      console.log('NOT TRIED: another program that fills the card (it takes Python with PyTorch for CUDA)');
      return;
    }
    const project = newProject(`left-${mebibytes}`);
    const result = await runCli('train', project, ...settings, ...onCard, '--json');
    await end(filler);
    if (result.code === 0) compareLosses(`with ${mebibytes} MiB left`, JSON.parse(result.stdout) as Training, trained, 1e-5);
    else {
      const { error } = failureOf(result);
      console.log(`with ${mebibytes} MiB left it said: [${error.code}] ${error.message}`);
      const isKnown = ['out-of-memory', 'device-unavailable'].includes(error.code);
      expect(`with ${mebibytes} MiB left it says what is wrong`, isKnown, JSON.stringify(error));
    }
    await expectSound(`with ${mebibytes} MiB left`, project);
  }
}

/** An embedding whose FBNs alone take more than what is left. */
async function trainTooMuch(): Promise<void> {
  const filler = await fillCard(200);
  if (!filler) return;
  const project = newProject('too-much');
  expectOutOfMemory(
    'too many FBNs: train',
    await runCli('train', project, '--fbns', '12000', '--epochs', '2', ...onCard, '--json'),
  );
  await end(filler);
  await expectSound('too many FBNs', project);
}

async function end(filler: ChildProcess): Promise<void> {
  const closed = new Promise((resolve) => filler.once('close', resolve));
  filler.kill('SIGKILL');
  await closed;
}

/** Takes all of the card's memory but so much; undefined where this machine has nothing that does. */
async function fillCard(leaveMebibytes: number): Promise<ChildProcess | undefined> {
  const program = `
import sys, time, torch
held = []
for size in (1024, 64, 8):
    while torch.cuda.mem_get_info()[0] > (${leaveMebibytes} + size) << 20:
        held.append(torch.empty(size << 20, dtype=torch.uint8, device="cuda"))
print("filled", torch.cuda.mem_get_info()[0] >> 20, file=sys.stderr, flush=True)
time.sleep(600)`;
  const child = spawn('python3', ['-c', program], { stdio: ['ignore', 'ignore', 'pipe'] });
  child.on('error', () => undefined);
  return printed(child, /^filled/m).then(
    () => child,
    () => undefined,
  );
}
