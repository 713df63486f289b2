import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { SharesOfStudy } from '../../../src-preload/shared/contract/figures';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { hashBytes } from '../../files/hash';
import type { Project } from '../../project/project';
import { listCouplings } from '../../project/queries/couplings';
import type { Embedding } from '../../project/queries/embeddings';

const share = z.object({ share: z.number().min(0).max(1), error: z.number().nonnegative().optional() });
const counts = z.object({ paper: z.number().nonnegative(), corrected: z.number().nonnegative() });
/** What a figure takes of docs/statistics.json; studies hold more. */
const studySchema = z.object({
  simulated: z.object({ byPhi: z.array(z.object({ phi: z.number(), paper: share, shift: share })).min(2) }).optional(),
  power: z
    .object({
      settings: z.object({ networks: z.number(), runs: z.number(), repetitions: z.number() }),
      levels: z.array(z.object({ noise: z.number().positive(), true: counts, false: counts })).min(2),
    })
    .optional(),
});
type Study = z.output<typeof studySchema>;

/** The share of pairs with p at most so that is wanted of chance pairs. */
const LEVEL = 0.05;

/**
 * What a study of the statistics found, from the file that `npm run study` writes.
 * @throws UserError where it is no such file
 */
export async function readStudy(file: string): Promise<{ study: SharesOfStudy[]; hash: string }> {
  const bytes = await readFile(file);
  const { simulated, power } = parseStudy(file, bytes.toString());
  const study = [...(simulated ? [calibrationPanel(simulated)] : []), ...(power ? [powerPanel(power)] : [])];
  if (study.length > 0) return { study, hash: hashBytes(bytes) };
  throw new UserError({
    code: 'too-little-data',
    what: 'this study holds nothing to draw',
    file,
    expected: '"simulated" or "power", or both',
    found: 'neither',
  });
}

function parseStudy(file: string, text: string): Study {
  const expected = 'the JSON that `npm run study` writes, as docs/statistics.json';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (caught) {
    throw new UserError(
      { code: 'file-kind', what: 'this is not a study of the statistics', file, expected, found: (caught as Error).message },
      { cause: caught },
    );
  }
  const parsed = studySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UserError({
    code: 'file-kind',
    what: 'this is not a study of the statistics',
    ...{ file, expected, found: `${issue?.path.join('.')}: ${issue?.message}` },
  });
}

function calibrationPanel({ byPhi }: NonNullable<Study['simulated']>): SharesOfStudy {
  const points = (way: 'paper' | 'shift') => byPhi.map((one) => ({ x: one.phi, ...withoutGaps(one[way]) }));
  return {
    title: `Chance pairs with p ≤ ${LEVEL}`,
    ...{ xLabel: 'φ of the autoregressive series', yLabel: 'share of pairs', isLogarithmic: false, nominal: LEVEL },
    lines: [
      { label: 'paper: t-test', way: 'paper', isDashed: false, points: points('paper') },
      { label: 'corrected: null of the maximum', way: 'corrected', isDashed: false, points: points('shift') },
    ],
  };
}

function powerPanel({ settings, levels }: NonNullable<Study['power']>): SharesOfStudy {
  const scanned = settings.networks * settings.runs * settings.repetitions;
  const line = (label: string, side: 'true' | 'false', way: 'paper' | 'corrected'): SharesOfStudy['lines'][number] => ({
    ...{ label, way, isDashed: side === 'false' },
    points: levels.map((level) => ({ x: level.noise, share: Math.min(1, level[side][way] / scanned) })),
  });
  return {
    title: `Networks with a pair of p ≤ ${LEVEL}`,
    ...{ xLabel: 'noise (1: the phantom’s)', yLabel: 'share of networks', isLogarithmic: true, nominal: null },
    lines: [
      line('follows a filter, paper', 'true', 'paper'),
      line('follows a filter, corrected', 'true', 'corrected'),
      line('follows nothing, paper', 'false', 'paper'),
      line('follows nothing, corrected', 'false', 'corrected'),
    ],
  };
}

function withoutGaps({ share: found, error }: z.output<typeof share>): { share: number; error?: number } {
  return { share: found, ...(error !== undefined && { error }) };
}

/**
 * Where the nulls of an embedding's couplings are, FBN to filter, of which every copy is a chance pair.
 * @throws UserError where none was computed
 */
export function nullsOf(
  { database, folder }: Project,
  { id }: Embedding,
): { key: string; timePoints: number; filters: number }[] {
  const nulls = listCouplings(database, id).flatMap(({ direction, reducer, correction, timePoints, filters }) =>
    direction === 'fbn-to-filter' && reducer === 'max' && correction ? [{ key: correction.key, timePoints, filters }] : [],
  );
  if (nulls.length > 0) return nulls;
  throw new UserError({
    code: 'earlier-step-missing',
    what: `no null of the maximum is computed for embedding ${id}, FBN to filter`,
    file: folder,
    remedy: 'run `syncact couple --mode corrected`, or name the figures of a study: --set study=docs/statistics.json',
  });
}
