import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, freemem, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import type { DiagnosticsView } from '../../src-preload/shared/contract/views';
import { latestTrial } from './device-trials';
import { ProgramLog, withoutNames } from './program-log';
import { stateFolder } from './state-folder';
import { programVersion } from './version';

/** The log of this person on this machine. @param folder where the program keeps what is its own */
export function programLog(folder = stateFolder()): ProgramLog {
  return new ProgramLog(join(folder, 'log', 'syncact.log'));
}

/** Packages with native parts, and what else decides results. */
const PACKAGES = ['better-sqlite3', 'onnxruntime-node', 'sharp', '@ffmpeg-installer/ffmpeg', '@tensorflow/tfjs-core'];

/** Where the program lies: the folder that holds `out` and `node_modules`. */
const PROGRAM_FOLDER = join(import.meta.dirname, '../..');

/** What whoever helps wants to know of a machine; nothing of the project's data is among it. */
export function describeMachine(host: 'electron' | 'browser', projectFolder: string | null, log = programLog()): DiagnosticsView {
  const processors = cpus();
  return {
    program: [
      ['Sync-ACT Workstation', programVersion],
      ['shown in', host === 'electron' ? `Electron ${process.versions.electron ?? ''}`.trim() : 'a browser'],
      ['Node', process.versions.node],
      ...PACKAGES.map((name): [string, string] => [name, versionOf(name) ?? 'not installed']),
    ],
    machine: [
      ['system', `${process.platform} ${release()}, ${arch()}`],
      ['processor', `${processors[0]?.model.trim() ?? 'unknown'}, ${processors.length} threads`],
      ['memory', `${gibibytes(totalmem())}, ${gibibytes(freemem())} free`],
      ['graphics', graphics()],
      ['devices for trainings', devices()],
      ['space for the program’s own files', freeSpace(dirname(dirname(log.file)))],
      ['space beside the project', projectFolder === null ? 'no project is open' : freeSpace(projectFolder)],
    ],
    logFile: log.file,
  };
}

/** Everything of describeMachine and the log as one text, without paths and names. */
export function supportBundle(view: DiagnosticsView, window: readonly [string, string][], log: ProgramLog): string {
  const section = (title: string, rows: readonly (readonly [string, string])[]) =>
    [`## ${title}`, ...rows.map(([name, value]) => `${name}: ${value}`), ''].join('\n');
  return [
    'Support bundle of the Sync-ACT Workstation. It holds no data, no annotations, and no names of files, subjects and persons.\n',
    section('Program', view.program),
    withoutNames(section('Machine', view.machine), PROGRAM_FOLDER),
    withoutNames(section('Window', window), PROGRAM_FOLDER),
    `## Log\n${withoutNames(log.read(), PROGRAM_FOLDER)}`,
  ].join('\n');
}

function versionOf(name: string): string | undefined {
  try {
    // A package may not offer its own description: it lies above what it does offer.
    let folder = dirname(createRequire(import.meta.url).resolve(name));
    while (
      !existsSync(join(folder, 'package.json')) ||
      !readFileSync(join(folder, 'package.json'), 'utf8').includes(`"${name}"`)
    ) {
      if (folder === dirname(folder)) return undefined;
      folder = dirname(folder);
    }
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

function freeSpace(folder: string): string {
  try {
    const { bavail, bsize } = statfsSync(existsSync(folder) ? folder : dirname(folder));
    return `${gibibytes(bavail * bsize)} free`;
  } catch {
    return 'unknown';
  }
}

/** What the last trial of devices found, which decides where `auto` computes. */
function devices(): string {
  const found = latestTrial();
  return found ? `${found.device}: ${found.why}` : 'not tried yet: the first training with the device “auto” does';
}

/** What the system says of graphics cards; drivers that are there need not work. */
function graphics(): string {
  const nvidia = '/proc/driver/nvidia/version';
  if (existsSync(nvidia)) return readFileSync(nvidia, 'utf8').split('\n')[0]!.trim();
  const cards = existsSync('/dev/dri') ? readdirSync('/dev/dri').filter((name) => name.startsWith('render')) : [];
  if (cards.length > 0) return `${cards.length} with a driver of the kernel (${cards.join(', ')})`;
  return process.platform === 'linux' ? 'none that the system names' : 'not asked for on this system';
}
