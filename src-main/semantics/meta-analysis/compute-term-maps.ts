import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { voxelCount } from '../../../src-preload/shared/domain/grid';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { writeContentAtomically } from '../../files/atomic-write';
import type { Mask } from '../../fmri/mask';
import { planResampling } from '../../fmri/resample';
import { associationZ, fdrThreshold, uniformityZ } from './association';
import type { MetaAnalyticDatabase } from './read-database';
import { countMarks, markStudies, placesFor, SPHERE_GRID } from './study-marks';
import { writeTermMaps } from './term-map-file';
import { studiesOfTerm } from './term-studies';

/** Terms whose maps are kept together until all are done: what an interruption can cost. */
const TERMS_PER_PIECE = 64;

export interface TermMapsRequest {
  database: MetaAnalyticDatabase;
  mask: Mask;
  /** File to write. */
  output: string;
  /** Folder of finished pieces; a later call with the same request goes on from them. */
  pieces: string;
}

/** What was found of each term, [terms]. */
export interface ComputedTerms {
  studies: Uint32Array;
  /** Voxels whose association passes FDR. */
  associatedVoxels: Uint32Array;
}

/**
 * Meta-analytic maps of every term at the voxels of a mask: forward and reverse inference by multilevel kernel density χ², computed
 * at 2 mm and brought to the mask's grid (trilinear), a few terms in memory at a time.
 */
export async function computeTermMaps(request: TermMapsRequest, context: WorkContext): Promise<ComputedTerms> {
  const { database, mask, output, pieces } = request;
  const { terms } = database;
  const count = Math.ceil(terms.length / TERMS_PER_PIECE);
  const pathOf = (piece: number) => join(pieces, `${String(piece).padStart(5, '0')}.maps`);
  const bytesOf = (piece: number) => pieceBytes(termsIn(piece, terms.length), mask.voxels.length);
  const isDone = (piece: number) => statSync(pathOf(piece), { throwIfNoEntry: false })?.size === bytesOf(piece);
  mkdirSync(pieces, { recursive: true });
  let maker: TermMapMaker | undefined;
  for (let piece = 0; piece < count; piece++) {
    if (isDone(piece)) continue;
    maker ??= new TermMapMaker(database, mask, context);
    const block = new Piece(termsIn(piece, terms.length), mask.voxels.length);
    for (let i = 0; i < block.terms; i++) {
      throwIfCancelled(context.signal);
      const term = piece * TERMS_PER_PIECE + i;
      context.progress({ stage: 'computing term maps', done: term, total: terms.length, unit: 'terms' });
      maker.make(term, block, i);
    }
    await writeContentAtomically(pathOf(piece), block.bytes);
    await setImmediate();
  }
  context.progress({ stage: 'writing the maps', done: terms.length, total: terms.length, unit: 'terms' });
  const found = await assemble(request, count, pathOf);
  if (existsSync(output)) rmSync(pieces, { recursive: true, force: true });
  return found;
}

function termsIn(piece: number, terms: number): number {
  return Math.min(TERMS_PER_PIECE, terms - piece * TERMS_PER_PIECE);
}

/** Two maps in float16, two thresholds in float32 and the number of voxels that pass, per term. */
function pieceBytes(terms: number, voxels: number): number {
  return terms * (3 * 4 + 2 * voxels * 2);
}

/** Maps of a few terms as they lie in a piece's file: thresholds and counts, then the maps. */
class Piece {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly thresholds: Float32Array;
  readonly passing: Uint32Array;
  readonly association: Uint16Array<ArrayBuffer>;
  readonly uniformity: Uint16Array<ArrayBuffer>;

  constructor(
    readonly terms: number,
    readonly voxels: number,
    buffer = new ArrayBuffer(pieceBytes(terms, voxels)),
  ) {
    this.bytes = new Uint8Array(buffer);
    this.thresholds = new Float32Array(buffer, 0, 2 * terms);
    this.passing = new Uint32Array(buffer, 8 * terms, terms);
    this.association = new Uint16Array(buffer, 12 * terms, terms * voxels);
    this.uniformity = new Uint16Array(buffer, 12 * terms + 2 * terms * voxels, terms * voxels);
  }
}

/** Makes the maps of one term after another. */
class TermMapMaker {
  private readonly marks;
  private readonly plan;
  private readonly all: Int32Array;
  private readonly withTerm: Int32Array;
  private readonly z: Float32Array;
  private readonly volume = new Float32Array(voxelCount(SPHERE_GRID));
  private readonly onMask: Float32Array;

  constructor(
    private readonly database: MetaAnalyticDatabase,
    private readonly mask: Mask,
    context: WorkContext,
  ) {
    const places = placesFor(mask.grid, mask.voxels);
    this.marks = markStudies(database.studies, places, context);
    this.plan = planResampling(SPHERE_GRID, mask.grid, mask.voxels);
    this.all = new Int32Array(places.length);
    this.withTerm = new Int32Array(places.length);
    this.z = new Float32Array(places.length);
    this.onMask = new Float32Array(mask.voxels.length);
    countMarks(
      this.marks,
      Int32Array.from(database.studies.ids, (_, study) => study),
      this.all,
    );
  }

  make(term: number, piece: Piece, place: number): void {
    const { voxels } = this.mask;
    const studies = studiesOfTerm(this.database.termStudies, term);
    countMarks(this.marks, studies, this.withTerm.fill(0));
    const selected = { studies: studies.length, active: this.withTerm };
    const all = { studies: this.database.studies.ids.length, active: this.all };
    const association = associationZ(selected, all, this.z);
    const threshold = fdrThreshold(association);
    piece.thresholds[place] = threshold;
    const onMask = this.bringToMask(association);
    piece.passing[place] = onMask.reduce((sum, value) => sum + (Math.abs(value) >= threshold ? 1 : 0), 0);
    const at = place * voxels.length;
    new Float16Array(piece.association.buffer, piece.association.byteOffset).set(onMask, at);
    const uniformity = uniformityZ(selected, this.z);
    piece.thresholds[piece.terms + place] = fdrThreshold(uniformity);
    new Float16Array(piece.uniformity.buffer, piece.uniformity.byteOffset).set(this.bringToMask(uniformity), at);
  }

  private bringToMask(values: Float32Array): Float32Array {
    const { places } = this.marks;
    for (let place = 0; place < places.length; place++) this.volume[places[place]!] = values[place]!;
    return this.plan.apply(this.volume, { into: this.onMask });
  }
}

/** Puts the pieces together into one file. */
async function assemble(
  { database, mask, output }: TermMapsRequest,
  count: number,
  pathOf: (piece: number) => string,
): Promise<ComputedTerms> {
  const { terms, termStudies } = database;
  const read = async (piece: number) => {
    const bytes = await readFile(pathOf(piece));
    const size = termsIn(piece, terms.length);
    return new Piece(
      size,
      mask.voxels.length,
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    );
  };
  const associationThreshold = new Float32Array(terms.length);
  const uniformityThreshold = new Float32Array(terms.length);
  const associatedVoxels = new Uint32Array(terms.length);
  const studies = Uint32Array.from(terms, (_, term) => studiesOfTerm(termStudies, term).length);
  async function* maps(kind: 'association' | 'uniformity') {
    for (let index = 0; index < count; index++) {
      const piece = await read(index);
      associationThreshold.set(piece.thresholds.subarray(0, piece.terms), index * TERMS_PER_PIECE);
      uniformityThreshold.set(piece.thresholds.subarray(piece.terms), index * TERMS_PER_PIECE);
      associatedVoxels.set(piece.passing, index * TERMS_PER_PIECE);
      yield piece[kind];
    }
  }
  await writeTermMaps(output, {
    ...{ terms, mask, associationThreshold, uniformityThreshold, studies },
    ...{ association: maps('association'), uniformity: maps('uniformity') },
  });
  return { studies, associatedVoxels };
}
