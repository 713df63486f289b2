import { fbnMeasures, type EmbeddingQuality } from '../../src-preload/shared/contract/quality';
import type { Project } from '../project/project';
import type { Embedding } from '../project/queries/embeddings';
import { readMeasure } from '../project/queries/measures';

/** What was measured of an embedding; undefined where nothing was. */
export interface MeasuredEmbedding {
  quality: EmbeddingQuality;
  /** [fbns, measures], in the order of fbnMeasures; NaN where not known. */
  table: Float64Array;
}

/** The measures that are stored of an embedding. */
export function measuredEmbedding({ database }: Project, { id, fbns }: Embedding): MeasuredEmbedding | undefined {
  const assessment = readMeasure(database, id, 'assessment');
  const splitHalf = readMeasure(database, id, 'split-half');
  if (!assessment && !splitHalf) return undefined;
  const columns = { ...assessment?.columns, ...splitHalf?.columns };
  const table = Float64Array.from(
    { length: fbns * fbnMeasures.length },
    (_, i) => columns[fbnMeasures[i % fbnMeasures.length]!]?.[Math.floor(i / fbnMeasures.length)] ?? NaN,
  );
  const mean = (at: number) => {
    const values = Array.from({ length: fbns }, (_, fbn) => table[fbn * fbnMeasures.length + at]!).filter(
      (v) => !Number.isNaN(v),
    );
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  };
  const means = Object.fromEntries(fbnMeasures.map((name, at) => [name, mean(at)]));
  return { quality: { ...means, explainedTogether: assessment?.totals.together ?? null } as EmbeddingQuality, table };
}
