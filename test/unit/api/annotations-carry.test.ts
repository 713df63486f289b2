import { v7 as newId } from 'uuid';
import { expect, test } from 'vitest';
import { carryOver } from '../../../src-main/api/annotations/commands';
import { exportAnnotations } from '../../../src-main/api/annotations/exchange';
import { checkAnnotationLog } from '../../../src-main/api/annotations/log';
import { writeMapsFile } from '../../../src-main/embedding/maps/maps-file';
import { beginEmbedding, completeEmbedding, readEmbedding } from '../../../src-main/project/queries/embeddings';
import type { AnnotationChange, AnnotationStateView, CarryView } from '../../../src-preload/shared/contract/annotation-views';
import { useAnnotationDesk } from './annotation-desk';
import { couple, FBNS } from './small-coupling';

const VOXELS = 8;
const desk = useAnnotationDesk();
const hash = (letter: string) => letter.repeat(64);

/** Maps of an embedding as the program stores them: [FBNs, voxels]. */
async function storeMaps(embedding: number, maps: readonly (readonly number[])[], letter: string): Promise<void> {
  const { project } = desk;
  const file = `maps/${letter}.safetensors`;
  const theta = new Float32Array(2 * FBNS * VOXELS);
  maps.forEach((map, fbn) => theta.set(map, (FBNS + fbn) * VOXELS));
  await writeMapsFile(project.path(file), { theta, means: new Float32Array(FBNS) as never }, new Uint32Array(), 'made up');
  const stored = { file, hash: hash(letter) };
  const result = {
    ...{ bestEpoch: 1, secondsPerEpoch: 1, best: stored, last: stored, maps: stored, testSubjects: [] },
    explainedVariance: null,
  };
  completeEmbedding(project.database, embedding, result as never, {});
}

/** Four maps that have nothing in common. */
const maps = [
  [1, 1, 1, 1, -1, -1, -1, -1],
  [1, 1, -1, -1, 1, 1, -1, -1],
  [1, -1, 1, -1, 1, -1, 1, -1],
  [1, -1, -1, 1, -1, 1, 1, -1],
];
/** FBN 0 of old is 2 now, with the other sign; 1 is 0; 2 is 3; and of 3 only half is left in 1. */
const retrained = [
  maps[1]!,
  [1, -1, -1, 1, 1, -1, -1, 1].map((value, v) => value + 2 * maps[3]![v]!),
  maps[0]!.map((v) => -v),
  maps[2]!,
];

async function retrain(): Promise<number> {
  const { project, small } = desk;
  await storeMaps(small.embedding, maps, '1');
  const { maskId } = readEmbedding(project.database, small.embedding)!;
  const { id } = beginEmbedding(project.database, {
    ...{ key: hash('8'), variant: 'lt', fbns: FBNS, maskId, settings: { fbns: FBNS, seed: 2 }, inputs: {}, provenance: {} },
  } as never);
  await storeMaps(id, retrained, '2');
  // Of old FBN f was paired with filter f + 1: 1 with 2, which is 0 with 2 now, and so on; FBN 3, filter 3 is another one.
  couple(project, id, small.layer, 'run-1', (fbn) => [2, 4, 1, 5][fbn]!, '7');
  return id;
}

const stateOf = (embedding: number) =>
  desk.ask<AnnotationStateView>('annotations.state', { author: 'Ana', blind: false, embedding });

test('annotations go over to the FBNs whose maps match, say from where, and one undo takes them back', async () => {
  await desk.decide('Ana', 0, { fbn: 'faces', status: 'accepted', relation: 'same' });
  await desk.decide('Ana', 1, { fbn: 'places', status: 'rejected' });
  await desk.decide('Ana', 2, { fbn: 'words' });
  await desk.decide('Ana', 3, { fbn: 'unclear' });
  await desk.decide('Ben', 0, { fbn: 'not hers' });
  const embedding = await retrain();
  expect((await stateOf(embedding)).carriable).toEqual([{ embedding: desk.small.embedding, pairs: 4 }]);
  const asked = { from: desk.small.embedding, leastR: 0.95 };
  const plan = await desk.ask<CarryView>('annotations.planCarry', { author: 'Ana', to: embedding, ...asked });
  expect(plan).toMatchObject({ annotations: 4, carried: 2, unlike: 1, notPaired: 1, annotated: 0 });
  expect(plan.matches.map(({ from, to, annotations }) => [from, to, annotations])).toEqual([
    [0, 2, 1],
    [1, 0, 1],
    [2, 3, 0],
    [3, 1, 0],
  ]);
  // Half and twice: r = 2 / √5.
  expect(plan.matches.map(({ r }) => r.toFixed(3))).toEqual(['1.000', '1.000', '1.000', (2 / Math.sqrt(5)).toFixed(3)]);
  expect(plan.pairs).toMatchObject([
    { what: 'FBN 0 – layer4 · 2', from: 1, says: 'rejected · places' },
    { what: 'FBN 2 – layer4 · 1', from: 0, says: 'accepted · same · faces' },
  ]);
  expect((await stateOf(embedding)).entries).toEqual([]);

  const who = { author: 'Ana', blind: false, embedding };
  const input = { id: newId(), ...who, ...asked };
  const change = await desk.ask<AnnotationChange>('annotations.carry', input);
  expect(change.undo).toBe('carrying over of 2 pairs');
  await desk.ask('annotations.carry', input);
  const found = await stateOf(embedding);
  expect(found.carriable).toEqual([]);
  expect(found.entries).toMatchObject([
    { fbn: 0, filter: 2, mine: { status: 'rejected', fbn: 'places' }, carried: { embedding: desk.small.embedding, fbn: 1 } },
    { fbn: 2, filter: 1, mine: { status: 'accepted', fbn: 'faces' }, carried: { embedding: desk.small.embedding, fbn: 0 } },
  ]);
  expect(found.entries[0]!.carried!.r).toBeCloseTo(1, 5);
  const csv = exportAnnotations(desk.project, 'csv', 'Ana');
  expect(csv).toContain(hash('e'));
  expect(checkAnnotationLog(desk.project).problems).toEqual([]);

  // A decision of one's own is carried over no more.
  const pair = { embedding, layer: desk.small.layer, fbn: 2, filter: 1 };
  const annotation = found.entries[1]!.mine!;
  await desk.ask('annotations.decide', { id: newId(), ...who, action: 'accept', pair, annotation, suggestion: null });
  expect((await stateOf(embedding)).entries.find(({ fbn }) => fbn === 2)!.carried).toBeNull();
  for (let step = 0; step < 2; step++) await desk.ask('annotations.step', { id: newId(), ...who, way: 'undo' });
  expect((await stateOf(embedding)).entries.filter(({ mine }) => mine)).toEqual([]);
});

test('what was said in the new embedding is never replaced, and without anything to carry over it says so', async () => {
  await desk.decide('Ana', 0, { fbn: 'faces' });
  const embedding = await retrain();
  const pair = { embedding, layer: desk.small.layer, fbn: 2, filter: 1 };
  await desk.ask('annotations.decide', {
    ...{ id: newId(), author: 'Ana', blind: false, embedding, action: 'edit', pair, suggestion: null },
    annotation: { ...(await desk.state('Ana')).entries[0]!.mine!, fbn: 'something new' },
  });
  const carry = { author: 'Ana', from: desk.small.embedding, to: embedding, leastR: 0.5 };
  expect(await carryOver(desk.project, carry, true)).toMatchObject({ annotations: 1, carried: 0, annotated: 1, applied: false });
  expect((await stateOf(embedding)).entries).toMatchObject([{ mine: { fbn: 'something new' }, carried: null }]);
  const input = { id: newId(), author: 'Ana', blind: false, embedding, from: desk.small.embedding, leastR: 0.5 };
  await expect(desk.ask('annotations.carry', input)).rejects.toThrow(/nothing to carry over/);
  await expect(desk.ask('annotations.planCarry', { ...carry, to: carry.from })).rejects.toThrow(/one embedding to another/);
  await expect(desk.ask('annotations.planCarry', { ...carry, from: 99 })).rejects.toThrow(/no complete embedding 99/);
});
