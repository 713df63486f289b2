import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';
import { createMatrix, matrixRow, type Matrix } from '../../src-preload/shared/domain/matrix';
import { planResampling } from '../fmri/resample';
import { readNiftiHeader, readVolumes } from '../fmri/nifti/read';
import type { Mask } from '../fmri/mask';

const place = z.tuple([z.number(), z.number(), z.number()]);

const networkSchema = z.object({
  name: z.string(),
  /** Where its map is largest, in mm of MNI space. */
  peak: place,
  /** The filter it follows; null for a distractor. */
  filter: z.object({ index: z.int().min(0), description: z.string(), layer: z.string() }).nullable(),
  /** Standard deviation of its shared signal at its centre, in units of the noise at level 1. */
  amplitude: z.number(),
});

const plantedSchema = z.object({
  what: z.string(),
  seed: z.int(),
  subjects: z.int(),
  runs: z.int(),
  trsPerRun: z.int(),
  trSeconds: z.number(),
  noise: z.object({
    level: z.number(),
    description: z.string(),
    autocorrelation: z.number(),
    shares: z.record(z.string(), z.number()),
  }),
  subjectVariability: z.object({ placeJitterMm: z.number(), strengthJitter: z.number(), ownAmplitude: z.number() }),
  model: z.string(),
  layer: z.string(),
  /** File of the maps beside this one: one volume per network, in this order. */
  maps: z.string(),
  /** Those that follow a filter first, then the distractors. */
  networks: z.array(networkSchema),
});

/** The truth planted in a phantom, as planted.json holds it. */
export type Planted = z.infer<typeof plantedSchema>;

/**
 * Reads planted.json and the maps beside it.
 * @param mask the voxels wanted; the maps are brought to its grid
 * @returns maps [networks, voxels of the mask]
 * @throws UserError where the file is not that of a phantom
 */
export async function readPlanted(path: string, mask: Mask): Promise<{ planted: Planted; maps: Matrix }> {
  const planted = parsePlanted(await readFile(path, 'utf8'), path);
  const file = join(dirname(path), planted.maps);
  const header = await readNiftiHeader(file);
  const plan = planResampling(header.grid, mask.grid, mask.voxels);
  const maps = createMatrix(planted.networks.length, mask.voxels.length);
  let index = 0;
  for await (const volume of readVolumes(file, header)) {
    if (index < maps.rows) matrixRow(maps, index).set(plan.apply(volume));
    index++;
  }
  if (index === maps.rows) return { planted, maps };
  throw new UserError({
    code: 'does-not-fit',
    what: 'the planted maps do not fit planted.json',
    file,
    expected: `${maps.rows} volumes`,
    found: `${index}`,
  });
}

function parsePlanted(text: string, file: string): Planted {
  try {
    return plantedSchema.parse(JSON.parse(text));
  } catch (caught) {
    const found = caught instanceof z.ZodError ? `${caught.issues[0]?.path.join('.')}: ${caught.issues[0]?.message}` : 'no JSON';
    throw new UserError(
      { code: 'file-kind', what: 'this is not the truth of a phantom', file, found, remedy: 'generate the phantom again' },
      { cause: caught },
    );
  }
}
