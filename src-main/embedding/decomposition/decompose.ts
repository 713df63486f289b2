import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../../src-preload/shared/domain/engine';
import { createMatrix, matrixRow, type Matrix } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { openSafetensors, writeSafetensors } from '../../files/safetensors';
import { Algebra } from '../maps/algebra';
import { writeMapsFile } from '../maps/maps-file';
import { regressOnMaps } from '../maps/regression';
import type { SampleSource } from '../samples';
import { checkSamples } from '../training-data';
import { independentMaps } from './independent';
import { principalMaps, type PrincipalMaps, type PrincipalState } from './principal';
import { sparseMaps } from './sparse';

/** The classical ways from runs to FBNs. */
export type DecompositionMethod = 'group-ica' | 'dictionary';

export interface DecompositionRequest {
  engine: Engine;
  threads?: number;
  method: DecompositionMethod;
  fbns: number;
  seed: number;
  /** Dictionary only: the penalty on codes is this over the root of the number of features; 1.2 in Mairal et al. (2009). */
  sparsity: number;
  samples: readonly SampleSource[];
  voxels: number;
  excludedVoxels: Uint32Array;
  keepBytes: number;
  /** An existing folder for best.safetensors, and for what an interrupted one goes on from. */
  folder: string;
  /** Says which runs and settings it is: what another one left is not gone on from. */
  key: string;
}

export interface DecompositionResult {
  best: string;
  /** Share of all variance that the principal components used hold. */
  held: number;
  /** Passes over the runs, and iterations of what followed. */
  passes: number;
  iterations: number;
  converged: boolean;
  /** Dictionary: share of the maps' values that are 0. */
  zeros: number | null;
}

/**
 * FBNs of runs by temporal-concatenation group ICA (principal components of all runs one after the other, then spatial ICA), or by
 * dictionary learning on the same components. Their activations are those of dual regression.
 * @throws UserError for runs that do not fit together or more FBNs than they have components; CancelledError after saving
 */
export async function decompose(request: DecompositionRequest, context: WorkContext): Promise<DecompositionResult> {
  const { samples, voxels, excludedVoxels, fbns, folder, method } = request;
  checkSamples({ train: samples, validation: [], voxels, excludedVoxels });
  const algebra = new Algebra(request.engine, request.threads === undefined ? {} : { threads: request.threads });
  const unfinished = join(folder, 'principal.safetensors');
  try {
    const state = await readState(unfinished, request.key);
    const save = (now: PrincipalState) => writeState(unfinished, now, request.key);
    const principal = await principalMaps({ ...request, count: fbns }, algebra, context, state, save);
    const found = await findMaps(request, principal, algebra, context);
    if (!principal.converged || !found.converged) context.warn(notConverged(principal, found));
    const maps = spread(found.maps, voxels, excludedVoxels);
    const regressed = await regressOnMaps(maps, excludedVoxels, algebra);
    for (const map of regressed.constant)
      context.warn(`FBN ${map} is empty: no voxel needs it; take fewer FBNs or less sparsity`);
    const best = join(folder, 'best.safetensors');
    await writeMapsFile(best, regressed, excludedVoxels, method);
    rmSync(unfinished, { force: true });
    const { iterations, converged, zeros } = found;
    return {
      best,
      held: principal.held,
      passes: principal.passes,
      iterations,
      converged: converged && principal.converged,
      zeros,
    };
  } finally {
    await algebra.release();
  }
}

interface FoundMaps {
  maps: Matrix;
  iterations: number;
  converged: boolean;
  zeros: number | null;
}

async function findMaps(
  request: DecompositionRequest,
  principal: PrincipalMaps,
  algebra: Algebra,
  context: WorkContext,
): Promise<FoundMaps> {
  const { engine, threads, method, fbns, seed, sparsity, excludedVoxels } = request;
  const compact = gather(principal.maps, excludedVoxels);
  const mixed: Matrix = { rows: fbns, columns: compact.columns, data: compact.data.subarray(0, fbns * compact.columns) };
  const place = { engine, ...(threads !== undefined && { threads }) };
  const ica = await independentMaps({ ...place, mixed, squares: principal.squares, seed }, algebra, context);
  if (method === 'group-ica') return { maps: ica.maps, iterations: ica.iterations, converged: ica.converged, zeros: null };
  const signals = signalsOf(compact, principal.squares);
  // Atoms begin at the series of the independent maps, as nilearn's do at CanICA's.
  const atoms = await algebra.multiply(ica.maps, signals);
  const penalty = sparsity / Math.sqrt(signals.columns);
  const { maps, costs, zeros, converged } = await sparseMaps({ signals, atoms, penalty, seed }, context);
  return { maps, iterations: costs.length, converged, zeros };
}

/** Voxels as rows of their principal scores, scaled to a root mean square length of 1: [voxels, components]. */
function signalsOf(maps: Matrix, squares: Float64Array): Matrix {
  const signals = createMatrix(maps.columns, maps.rows);
  let total = 0;
  for (let k = 0; k < maps.rows; k++) {
    const scale = Math.sqrt(Math.max(0, squares[k]!));
    const map = matrixRow(maps, k);
    for (let v = 0; v < map.length; v++) {
      const value = scale * map[v]!;
      signals.data[v * maps.rows + k] = value;
      total += value * value;
    }
  }
  const scale = Math.sqrt(maps.columns / total);
  for (let i = 0; i < signals.data.length; i++) signals.data[i]! *= scale;
  return signals;
}

/** Without the excluded columns. */
function gather(maps: Matrix, excludedVoxels: Uint32Array): Matrix {
  const excluded = new Set(excludedVoxels);
  const kept = Uint32Array.from(Array.from({ length: maps.columns }, (_, v) => v).filter((v) => !excluded.has(v)));
  const compact = createMatrix(maps.rows, kept.length);
  for (let row = 0; row < maps.rows; row++) {
    const [from, to] = [matrixRow(maps, row), matrixRow(compact, row)];
    for (let n = 0; n < kept.length; n++) to[n] = from[kept[n]!]!;
  }
  return compact;
}

/** The inverse of `gather`, with 0 in the excluded columns. */
function spread(compact: Matrix, voxels: number, excludedVoxels: Uint32Array): Matrix {
  const excluded = new Set(excludedVoxels);
  const maps = createMatrix(compact.rows, voxels);
  for (let row = 0; row < maps.rows; row++) {
    const [from, to] = [matrixRow(compact, row), matrixRow(maps, row)];
    let n = 0;
    for (let v = 0; v < voxels; v++) if (!excluded.has(v)) to[v] = from[n++]!;
  }
  return maps;
}

function notConverged(principal: PrincipalMaps, { iterations }: FoundMaps): string {
  return principal.converged
    ? `the components did not settle in ${iterations} iterations (those that hold mere noise never do): fewer FBNs may`
    : `the principal components still changed after ${principal.passes} passes over the runs`;
}

const stateSchema = z.strictObject({
  key: z.string(),
  pass: z.int().nonnegative(),
  position: z.int().nonnegative(),
  held: z.number().nullable(),
  total: z.number(),
  shape: z.tuple([z.int().positive(), z.int().positive()]),
});

async function writeState(path: string, { basis, sum, ...rest }: PrincipalState, key: string): Promise<void> {
  const shape = [basis.rows, basis.columns] as const;
  const matrix = (name: string, { data }: Matrix) => ({ name, dtype: 'F32', shape, data }) as const;
  const state: z.infer<typeof stateSchema> = { ...rest, key, shape: [...shape] };
  await writeSafetensors(path, [matrix('basis', basis), matrix('sum', sum)], { state: JSON.stringify(state) });
}

/** What an interrupted one with the same key left; undefined where there is none. */
async function readState(path: string, key: string): Promise<PrincipalState | undefined> {
  if (!existsSync(path)) return undefined;
  const file = await openSafetensors(path);
  try {
    const { key: stored, shape, ...state } = stateSchema.parse(JSON.parse(file.metadata.get('state') ?? ''));
    if (stored !== key) return undefined;
    const read = async (name: string) => ({ rows: shape[0], columns: shape[1], data: await file.readFloat32(name, shape) });
    return { ...state, basis: await read('basis'), sum: await read('sum') };
  } catch {
    // Damaged: it begins anew.
    return undefined;
  } finally {
    await file.close();
  }
}
