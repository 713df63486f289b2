import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { readColumnNames, readTableRows } from '../table-rows';
import type { FileLabel, LabelCandidate, LabelFile } from './label-file';

/** No file of labels is larger than this: Network Dissection's of 2,048 units has 600 kB. */
const LARGEST_FILE = 256 << 20;

/**
 * Reads labels of filters from Network Dissection's tally.csv (every category column is kept), dissect's report.json, descriptions of
 * CLIP-Dissect and MILAN (layer, unit, description), or a plain table (unit, label). Told apart by what is in them.
 * @throws UserError where a column is missing, a number cannot be read or a unit is there twice
 */
export async function readLabels(path: string): Promise<LabelFile> {
  if ((await stat(path)).size > LARGEST_FILE)
    throw new UserError({
      code: 'file-too-large',
      what: 'the file is too large to hold labels',
      file: path,
      expected: 'at most 256 MB',
    });
  const file = /\.json$/i.test(path) ? await readReport(path) : await readTable(path);
  for (const { name, labels } of file.layers) refuseDuplicates(path, name, labels);
  if (file.layers.every(({ labels }) => labels.length === 0))
    throw new UserError({ code: 'file-content', what: 'the file has no labels', file: path });
  return file;
}

async function readTable(path: string): Promise<LabelFile> {
  const columns = await readColumnNames(path);
  if (columns.some((name) => name.endsWith('-iou')) || columns.includes('score')) return readTally(path, columns);
  if (columns.includes('description')) return readDescriptions(path, columns);
  return readPlainTable(path, columns);
}

/** Columns unit, category, label, score, and of every category its label, pixels (truth, activation, intersect) and IoU. */
async function readTally(path: string, columns: readonly string[]): Promise<LabelFile> {
  const categories = columns.filter((name) => name.endsWith('-iou')).map((name) => name.slice(0, -'-iou'.length));
  const labels: FileLabel[] = [];
  const required = ['unit', 'category', 'label', 'score', ...categories.map((category) => `${category}-label`)];
  const optional = categories.map((category) => `${category}-iou`);
  await readTableRows(path, { required, optional }, (row) => {
    const cell = (name: string) => (row as Record<string, string | undefined>)[name]?.trim() ?? '';
    const place = `line ${row.line}`;
    const candidates = categories.flatMap((category): LabelCandidate[] => {
      const label = cell(`${category}-label`);
      const score = toNumber(cell(`${category}-iou`));
      return label === '' || score === null ? [] : [{ category, label, score }];
    });
    const unit = toUnit(cell('unit'), path, place);
    const score = requireNumber(cell('score'), 'score', path, place);
    labels.push({ ...{ unit, place, label: cell('label'), category: cell('category') || null, score, candidates } });
  });
  const layers = [{ name: layerFromPath(path), labels }];
  return { path, method: 'netdissect', score: 'IoU', customaryFirst: 1, layers };
}

/** Columns layer, unit (or channel), description and, of CLIP-Dissect, similarity. */
async function readDescriptions(path: string, columns: readonly string[]): Promise<LabelFile> {
  // Where there are both, the unit counts through all layers.
  const unitColumn = columns.includes('channel') ? 'channel' : 'unit';
  const scored = columns.includes('similarity');
  const layers = new Map<string | null, FileLabel[]>();
  const request = { required: [unitColumn, 'description'], optional: ['layer', 'similarity'] };
  await readTableRows(path, request, (row) => {
    const cells = row as unknown as Record<string, string | undefined>;
    const place = `line ${row.line}`;
    const name = cells.layer?.trim() || null;
    if (!layers.has(name)) layers.set(name, []);
    layers.get(name)!.push({
      unit: toUnit(cells[unitColumn]!, path, place),
      place,
      label: cells.description!.trim(),
      category: null,
      score: scored ? requireNumber(cells.similarity!, 'similarity', path, place) : null,
      candidates: [],
    });
  });
  return {
    ...{ path, method: scored ? 'clip-dissect' : 'milan', score: scored ? 'similarity' : null, customaryFirst: 0 },
    layers: [...layers].map(([name, labels]) => ({ name: name ?? layerFromPath(path), labels })),
  };
}

/** Columns unit and label, and where there are layer, category and iou. */
async function readPlainTable(path: string, columns: readonly string[]): Promise<LabelFile> {
  const layers = new Map<string | null, FileLabel[]>();
  const scored = columns.includes('iou');
  await readTableRows(path, { required: ['unit', 'label'], optional: ['layer', 'category', 'iou'] }, (row) => {
    const place = `line ${row.line}`;
    const name = row.layer?.trim() || null;
    if (!layers.has(name)) layers.set(name, []);
    const score = scored ? requireNumber(row.iou ?? '', 'iou', path, place) : null;
    const label = { label: row.label.trim(), category: row.category?.trim() || null, score, candidates: [] };
    layers.get(name)!.push({ unit: toUnit(row.unit, path, place), place, ...label });
  });
  return {
    ...{ path, method: 'table', score: scored ? 'IoU' : null, customaryFirst: 0 },
    layers: [...layers].map(([name, labels]) => ({ name: name ?? layerFromPath(path), labels })),
  };
}

/** NaN is written as text there. */
const number = z.union([z.number(), z.string()]).nullish();
const reportSchema = z.object({
  header: z.object({ name: z.string().optional() }).optional(),
  units: z.array(z.object({ unit: z.int(), iou: number, label: z.string().nullish(), cat: z.string().nullish() })),
});

async function readReport(path: string): Promise<LabelFile> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (caught) {
    throw notReport(path, caught instanceof Error ? caught.message : 'no JSON');
  }
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw notReport(path, `${issue?.path.join('.') || 'content'}: ${issue?.message}`);
  }
  const labels = parsed.data.units.map(({ unit, iou, label, cat }, place): FileLabel => {
    const score = Number(iou ?? NaN);
    const found = { label: label ?? '', category: cat ?? null, score: Number.isFinite(score) ? score : null };
    return { unit, place: `units[${place}]`, ...found, candidates: [] };
  });
  const layers = [{ name: layerFromPath(path), labels }];
  return { path, method: 'dissect', score: 'IoU', customaryFirst: 0, layers };
}

function notReport(file: string, found: string): UserError {
  return new UserError({
    code: 'file-kind',
    what: 'this is no report of dissect',
    file,
    expected: 'JSON with "units", each with unit, iou, label and cat',
    found,
    remedy: 'name its report.json',
  });
}

/**
 * What the path says of the layer: result folders and files end in it ("alexnet_imagenet_conv5.csv", "conv5/tally.csv",
 * "resnet152-places-netpqc-conv5_3-10/report.json"); null where it says nothing.
 */
function layerFromPath(path: string): string | null {
  const stem = basename(path).replace(/\.\w+$/, '');
  const isGeneric = /^(tally|report|descriptions?|labels|result)$/i.test(stem);
  return (isGeneric ? basename(dirname(path)) : stem.replace(/[-_]tally$/i, '')) || null;
}

function toUnit(text: string, file: string, place: string): number {
  const unit = Number(text);
  if (text.trim() !== '' && Number.isInteger(unit) && unit >= 0) return unit;
  throw new UserError({ code: 'file-content', what: 'a unit is no whole number', file, found: `"${text}" in ${place}` });
}

function toNumber(text: string): number | null {
  const value = Number(text);
  return text.trim() === '' || !Number.isFinite(value) ? null : value;
}

function requireNumber(text: string, column: string, file: string, place: string): number {
  const value = toNumber(text);
  if (value !== null) return value;
  throw new UserError({ code: 'file-content', what: `a ${column} is no number`, file, found: `"${text}" in ${place}` });
}

function refuseDuplicates(file: string, layer: string | null, labels: readonly FileLabel[]): void {
  const seen = new Map<number, string>();
  for (const { unit, place } of labels) {
    const other = seen.get(unit);
    if (other !== undefined) {
      const where = layer === null ? '' : ` of layer ${layer}`;
      throw new UserError({
        code: 'duplicate',
        what: `unit ${unit}${where} is labelled twice`,
        file,
        found: `${other} and ${place}`,
        remedy: 'keep one of them',
      });
    }
    seen.set(unit, place);
  }
}
