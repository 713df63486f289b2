import { rowColumns, rowSchema, type AnnotationRow } from './rows';
import { rowsAsTsv } from './table-text';

/**
 * Annotations as a BIDS derivative holds them: one TSV with its JSON sidecar, which says of every column what it is and which levels
 * it has.
 * @returns content by path inside the derivative's folder
 */
export function annotationFiles(rows: readonly AnnotationRow[]): Record<string, string> {
  return {
    'desc-curated_annotations.tsv': rowsAsTsv(rows),
    'desc-curated_annotations.json': `${JSON.stringify(describeColumns(), null, 2)}\n`,
  };
}

/** The sidecar: derived from the schema of a row, so that it cannot say otherwise. */
function describeColumns(): Record<string, { Description: string; Levels?: Record<string, string>; Delimiter?: string }> {
  return Object.fromEntries(
    rowColumns.map((column) => {
      const schema = rowSchema.shape[column];
      const levels = levelsOf(schema);
      return [
        column,
        {
          Description: schema.description ?? column,
          ...(levels.length > 0 && { Levels: Object.fromEntries(levels.map((level) => [level, meanings[level] ?? level])) }),
          ...(schema.type === 'array' && { Delimiter: '; ' }),
        },
      ];
    }),
  );
}

/** The values of an enumeration, also inside what may be null or a list. */
function levelsOf(schema: unknown): string[] {
  let inner = schema as { type: string; options?: unknown[]; unwrap?: () => unknown };
  while (inner.type === 'nullable' || inner.type === 'array') inner = inner.unwrap!() as typeof inner;
  return inner.type === 'enum' ? inner.options!.map(String) : [];
}

const meanings: Record<string, string> = {
  unseen: 'no decision yet',
  skipped: 'looked at and left open',
  accepted: 'kept with the descriptions that were offered',
  edited: 'kept with descriptions of the rater',
  rejected: 'not a meaningful pair',
  same: 'both stand for the same thing',
  related: 'they stand for related things',
  unrelated: 'they stand for unrelated things',
  unsure: 'the rater cannot tell',
  map: 'the FBN’s map',
  activations: 'the two activations over the movie',
  frames: 'frames that activate the filter',
  terms: 'meta-analysis terms of the FBN',
  labels: 'Network Dissection labels of the filter',
  images: 'representative images of the filter',
  rater: 'a rater’s own annotation',
  adjudicator: 'the decision between raters',
};
