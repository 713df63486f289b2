/** What a cell holds; null where there is nothing to say. */
export type TableValue = string | number | boolean | null;

/** One column of a table. */
export interface TableColumn {
  /** Key of the rows, and the header in CSV and TSV. */
  name: string;
  /** Header where people read: Markdown and LaTeX. */
  label: string;
  unit?: string;
  /** Decimals in text forms; JSON keeps the number as it is. */
  decimals?: number;
  /** A p-value: "< 0.001" where people read, four digits however small elsewhere. */
  isP?: boolean;
  /** Where this column is true the named column gets a star; people's formats show the star in the place of this column. */
  marks?: string;
  /** Set where the column holds what corrected mode adds to the paper's figures. */
  mode?: 'corrected';
}

/** A table of the paper, filled with what a project holds. */
export interface Table {
  /** Number of the table in the paper, or what else it holds. */
  table: number | string;
  title: string;
  caption: string;
  /** What stands below the caption where people read, such as references. */
  notes?: readonly string[];
  columns: readonly TableColumn[];
  /** Values by column name. */
  rows: readonly Readonly<Record<string, TableValue>>[];
}

/** One coupling of the project: an embedding with one layer of a model over one movie run, in one direction. */
export interface CouplingCell {
  model: string;
  /** Name of the architecture as the paper or torchvision spells it; null where unknown. */
  architecture: string | null;
  trainedOn: string | null;
  /** Tap name. */
  layer: string;
  /** What the layer is called in tables: "Block #1". */
  layerLabel: string;
  isLastConvolution: boolean;
  /** Order of the block in its model; null where the layer ends no block. */
  blockIndex: number | null;
  movieRun: string;
  /** Place of the run in the movie, from 1. */
  runNumber: number;
  direction: 'fbn-to-filter' | 'filter-to-fbn';
  fbns: number;
  filters: number;
  /** Pairs that exist. */
  pairs: number;
  /** Mean r over the pairs; null or NaN where there are none. */
  meanR: number | null;
  /** Pairs with p > 0.05. */
  notSignificant: number;
  /** FBNs or filters without a partner because of constant series. */
  undefinedPairs: number;
  timePoints: number;
  /** What survives of it in corrected mode; null where that was not computed. */
  correction: CellCorrection | null;
}

/** Corrected significance of a cell. */
export interface CellCorrection {
  /** Filter-count-matched mean r: mean r less its expectation under the null. */
  matchedMeanR: number;
  /** matchedMeanR in standard deviations of the null. */
  z: number;
  /** Pairs with p > 0.05 by the null of the maximum. */
  notSignificantNull: number;
  method: string;
  surrogates: number;
}
