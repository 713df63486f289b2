import { join } from 'node:path';
import type { AssessTask } from '../../../src-preload/shared/contract/compute-tasks';
import { throwIfCancelled } from '../../../src-preload/shared/domain/errors';
import { matrixRow } from '../../../src-preload/shared/domain/matrix';
import type { WorkContext } from '../../../src-preload/shared/domain/work';
import { createEngineProduct } from '../../coupling/product';
import { checkpointPaths, readEncoder } from '../../embedding/checkpoint';
import { fbnMaps } from '../../embedding/encode';
import { concentrationOf } from '../../embedding/quality/concentration';
import { ExplainedVariance } from '../../embedding/quality/explained-variance';
import { InterSubjectCorrelation } from '../../embedding/quality/inter-subject';
import { mapCorrelations, splitHalfReproducibility } from '../../embedding/quality/match-maps';
import { SampleReader, SumsOfSquares } from '../../embedding/samples';
import { onnxruntimeEngine } from '../../engines/onnxruntime';
import { readMask } from '../../fmri/mask';
import { ActivationCache } from '../../project/activation-cache';
import type { TaskHandler } from '../process';
import { RunFiles } from '../run-files';
import { decomposeOn } from './decompose';
import { trainOn } from './train';

/** How good the FBNs of an embedding are: what they explain, how alike subjects are in them, how concentrated their maps are. */
export const assessTask: TaskHandler<'assess'> = async (input, context) => {
  const cache = ActivationCache.openReadOnly(join(input.project, 'activations.sqlite'));
  try {
    const explained = await explainedVariance(input, cache, context);
    const interSubject = new InterSubjectCorrelation(input.fbns);
    const ofSubjects = input.runs.filter(({ subject }) => subject !== null);
    for (const [movieRun, runs] of Map.groupBy(ofSubjects, (run) => run.movieRun)) {
      throwIfCancelled(context.signal);
      context.progress({ stage: `comparing subjects in ${movieRun}`, done: 0, total: 0, unit: 'subjects' });
      const time = Math.min(...runs.map(({ timePoints }) => timePoints));
      interSubject.add(
        runs.map(
          ({ key }) =>
            () =>
              cache.readFbnActivation(input.embeddingKey, key)!,
        ),
        time,
      );
    }
    return { ...explained, interSubject: interSubject.means(), ...(await concentrations(input, context)) };
  } finally {
    cache.close();
  }
};

/** Pooled over the runs: sums of squares explained, divided by all there are. */
async function explainedVariance(input: AssessTask, cache: ActivationCache, context: WorkContext) {
  const files = new RunFiles(input.project, false);
  const { excludedVoxels, voxels } = await readEncoder(join(input.project, input.best));
  const explained = new ExplainedVariance(onnxruntimeEngine, voxels, excludedVoxels);
  const sums = new SumsOfSquares(excludedVoxels);
  const measured = input.runs.flatMap(({ name, file, key }) => (file === null ? [] : [{ name, file, key }]));
  const [alone, unique] = [new Float64Array(input.fbns), new Float64Array(input.fbns)];
  let [together, total] = [0, 0];
  try {
    let done = 0;
    for await (const sample of new SampleReader(0).inOrder(await files.open(measured))) {
      throwIfCancelled(context.signal);
      context.progress({ stage: `assessing ${sample.source.name}`, done, total: measured.length, unit: 'runs' });
      const activations = cache.readFbnActivation(input.embeddingKey, measured[done++]!.key)!;
      const of = await explained.of(sample, activations, sums.of(sample));
      together += of.together;
      total += of.total;
      for (let i = 0; i < input.fbns; i++) {
        alone[i]! += of.alone[i]!;
        unique[i]! += of.unique[i]!;
      }
    }
  } finally {
    await explained.release();
    await files.close();
  }
  return {
    explainedTogether: together / total,
    explainedAlone: alone.map((sum) => sum / total),
    explainedUnique: unique.map((sum) => sum / total),
  };
}

async function concentrations(input: AssessTask, context: WorkContext) {
  const maps = await fbnMaps(join(input.project, input.best));
  const mask = await readMask(join(input.project, input.mask));
  const all = Array.from({ length: maps.rows }, (_, fbn) => {
    context.progress({ stage: 'measuring the maps', done: fbn, total: maps.rows, unit: 'FBNs' });
    return concentrationOf(matrixRow(maps, fbn), mask.voxels, mask.grid);
  });
  const column = (name: keyof (typeof all)[number]) => Float64Array.from(all, (one) => one[name]);
  return {
    topShare: column('topShare'),
    clusters: column('clusters'),
    largestCluster: column('largestCluster'),
    clusteredShare: column('clusteredShare'),
  };
}

/** Trains the embedding anew on either half of the training subjects, from other initial weights, and tells which maps come back. */
export const splitHalfTask: TaskHandler<'split-half'> = async (input, context) => {
  const halves = [];
  for (const [i, train] of input.halves.entries()) {
    const prefixed: WorkContext = {
      signal: context.signal,
      warn: (message) => context.warn(message),
      progress: (progress) => context.progress({ ...progress, stage: `half ${i + 1} of 2: ${progress.stage}` }),
    };
    const checkpoints = `${input.checkpoints}/half-${i + 1}`;
    // Seeds of their own: from the same initial weights, maps that were hardly trained would be alike in both halves.
    const seed = input.settings.seed + i + 1;
    if ('method' in input.settings) {
      const settings = { ...input.settings, seed };
      await decomposeOn({ ...input, settings, train, checkpoints, key: JSON.stringify([settings, train]) }, prefixed);
    } else
      await trainOn({ ...input, settings: { ...input.settings, seed }, train, checkpoints, resume: true }, prefixed, () => {});
    halves.push(await fbnMaps(checkpointPaths(join(input.project, checkpoints)).best));
  }
  const whole = await fbnMaps(join(input.project, input.best));
  const engine = await createEngineProduct(onnxruntimeEngine);
  try {
    const [first, second] = [halves[0]!, halves[1]!];
    const between = await mapCorrelations(first, second, engine.product);
    const withFirst = await mapCorrelations(whole, first, engine.product);
    const withSecond = await mapCorrelations(whole, second, engine.product);
    return { splitHalf: splitHalfReproducibility({ withFirst, withSecond, between }) };
  } finally {
    await engine.release();
  }
};
