import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/*
 * Rules of BIDS 1.10.0 that a derivative of ours must keep, each by a name: description of the dataset, names made of entities in their
 * order with labels of letters and digits, tables with sidecars. https://bids-specification.readthedocs.io
 */
const ENTITIES = ['sub', 'ses', 'task', 'acq', 'ce', 'rec', 'dir', 'run', 'echo', 'space', 'res', 'desc'];

/** @returns what breaks a rule, "RULE path: why" */
export function checkDerivative(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  const broken: string[] = [];
  const fail = (rule: string, path: string, why: string) => broken.push(`${rule} ${path}: ${why}`);
  checkDescription(folder, files, fail);
  if (!files.some((path) => /^README(\.md|\.txt|\.rst)?$/.test(path))) fail('README', '.', 'there is none');
  const ignored = files.includes('.bidsignore') ? readFileSync(join(folder, '.bidsignore'), 'utf8').trim().split('\n') : [];
  for (const path of files) {
    if (dirname(path) === '.' && /^(README\.md|dataset_description\.json|\.bidsignore)$/.test(path)) continue;
    checkName(path, fail);
    // None of our suffixes is one that BIDS lists for derivatives: a validator has to be told.
    if (!ignored.some((pattern) => basename(path).includes(pattern.replaceAll('*', ''))))
      fail('BIDSIGNORE', path, 'is not named');
    if (path.endsWith('.tsv.gz')) checkSeries(folder, path, files, fail);
    else if (path.endsWith('.tsv')) checkTable(folder, path, files, fail);
    else if (path.endsWith('.json')) readJson(folder, path, fail);
  }
  return broken;
}

type Fail = (rule: string, path: string, why: string) => void;

function readJson(folder: string, path: string, fail: Fail): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(join(folder, path), 'utf8')) as Record<string, unknown>;
  } catch (caught) {
    fail('JSON', path, String(caught));
    return {};
  }
}

function checkDescription(folder: string, files: readonly string[], fail: Fail): void {
  const path = 'dataset_description.json';
  if (!files.includes(path)) return fail('DATASET_DESCRIPTION', path, 'is missing');
  const { Name, BIDSVersion, DatasetType, GeneratedBy, SourceDatasets } = readJson(folder, path, fail);
  if (typeof Name !== 'string' || Name === '') fail('DATASET_NAME', path, 'no Name');
  if (!/^\d+\.\d+\.\d+$/.test(String(BIDSVersion))) fail('BIDS_VERSION', path, String(BIDSVersion));
  if (DatasetType !== 'derivative') fail('DATASET_TYPE', path, String(DatasetType));
  const makers = GeneratedBy as { Name?: unknown; Version?: unknown }[] | undefined;
  if (!makers?.length || !makers.every(({ Name: name, Version }) => typeof name === 'string' && typeof Version === 'string'))
    fail('GENERATED_BY', path, 'a list of programs with Name and Version');
  const sources = SourceDatasets as { URL?: unknown }[] | undefined;
  if (!sources?.length || !sources.every(({ URL: url }) => URL.canParse(String(url)))) fail('SOURCE_DATASETS', path, 'URLs');
}

function checkName(path: string, fail: Fail): void {
  const [stem = ''] = basename(path).split('.');
  const parts = stem.split('_');
  const suffix = parts.pop()!;
  if (!/^[a-zA-Z0-9]+$/.test(suffix)) fail('SUFFIX', path, suffix);
  let last = -1;
  for (const part of parts) {
    const match = /^([a-z]+)-([a-zA-Z0-9]+)$/.exec(part);
    const place = match ? ENTITIES.indexOf(match[1]!) : -1;
    if (place < 0) fail('ENTITY', path, part);
    else if (place <= last) fail('ENTITY_ORDER', path, part);
    last = Math.max(last, place);
  }
  const subject = parts.find((part) => part.startsWith('sub-'));
  if (subject !== undefined && path.split('/')[0] !== subject) fail('SUBJECT_FOLDER', path, `not in ${subject}`);
}

function sidecarOf(folder: string, path: string, ending: string, files: readonly string[], fail: Fail) {
  const sidecar = `${path.slice(0, -ending.length)}.json`;
  if (files.includes(sidecar)) return readJson(folder, sidecar, fail);
  fail('SIDECAR', path, 'has none');
  return {};
}

function checkSeries(folder: string, path: string, files: readonly string[], fail: Fail): void {
  const { Columns, SamplingFrequency, StartTime } = sidecarOf(folder, path, '.tsv.gz', files, fail);
  if (!(Number(SamplingFrequency) > 0)) fail('SAMPLING_FREQUENCY', path, String(SamplingFrequency));
  if (typeof StartTime !== 'number') fail('START_TIME', path, String(StartTime));
  const columns = (Columns ?? []) as string[];
  if (new Set(columns).size !== columns.length || columns.length === 0) fail('COLUMNS', path, 'names of their own');
  const lines = gunzipSync(readFileSync(join(folder, path)))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  for (const line of lines) {
    const cells = line.split('\t');
    if (cells.length !== columns.length) return fail('WIDTH', path, `${cells.length} cells for ${columns.length} columns`);
    if (!cells.every((cell) => cell === 'n/a' || /^-?\d/.test(cell))) return fail('NUMBERS', path, line.slice(0, 40));
  }
}

function checkTable(folder: string, path: string, files: readonly string[], fail: Fail): void {
  const sidecar = sidecarOf(folder, path, '.tsv', files, fail);
  const [header = '', ...lines] = readFileSync(join(folder, path), 'utf8').trimEnd().split('\n');
  const columns = header.split('\t');
  if (new Set(columns).size !== columns.length) fail('COLUMNS', path, header);
  for (const column of columns) {
    if (!/^[a-z][a-z0-9_]*$/i.test(column)) fail('COLUMN_NAME', path, column);
    if (!(sidecar[column] as { Description?: string } | undefined)?.Description) fail('COLUMN_DESCRIPTION', path, column);
  }
  for (const line of lines) {
    const cells = line.split('\t');
    if (cells.length !== columns.length) return fail('WIDTH', path, line.slice(0, 40));
    if (cells.some((cell) => cell.trim() === '')) return fail('EMPTY_CELL', path, line.slice(0, 40));
  }
}
