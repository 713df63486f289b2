import type { PairMetrics } from '../coupling/pair-metrics';
import paperTablesFile from '../../resources/paper-tables.json';

/** A published value; tables 3 counts the pairs that are not significant, the others say whether there are any. */
export interface PublishedCell {
  pcc: number;
  someNotSignificant?: boolean;
  notSignificant?: number;
  pairs?: number;
}

/** Tables 1 and 5–8: architecture → training set → runs. */
type ByTrainingSet = Record<string, Record<string, PublishedCell[] | null>>;

interface PublishedTable<Rows> {
  dataset: string;
  fbns: number;
  runs: number;
  rows: Rows;
}

/** The tables of the paper that hold mean r, as published. */
interface PaperTables {
  source: string;
  table1: PublishedTable<ByTrainingSet>;
  /** All trained on ImageNet: architecture → runs. */
  table2: PublishedTable<Record<string, PublishedCell[]>>;
  /** All trained on ImageNet: architecture → layer → runs. */
  table3: PublishedTable<Record<string, Record<string, PublishedCell[]>>>;
  /** Variant → its metrics in the order of `columns`. */
  table4: { columns: string[]; rows: Record<string, number[]> };
  table5: PublishedTable<ByTrainingSet>;
  table6: PublishedTable<ByTrainingSet>;
  table7: PublishedTable<ByTrainingSet>;
  table8: PublishedTable<ByTrainingSet>;
  imagenetTop1: { source: string; percent: Record<string, number> };
}

const paperTables: PaperTables = paperTablesFile;

/** Where the published values come from. */
export const PAPER_SOURCE = paperTables.source;

/** What Figure 3 of the paper is made of: mean r by run of the models trained on ImageNet, and their accuracy. */
export function publishedAccuracies(number: 1 | 2): {
  dataset: string;
  runs: number;
  source: string;
  models: { model: string; meanR: number[]; top1Percent: number }[];
} {
  const { dataset, runs } = paperTables[`table${number}`];
  const { source, percent } = paperTables.imagenetTop1;
  const cells = (model: string) => (number === 1 ? paperTables.table1.rows[model]?.ImageNet : paperTables.table2.rows[model]);
  const models = Object.entries(percent).map(([model, top1Percent]) => ({
    ...{ model, top1Percent },
    meanR: (cells(model) ?? []).map(({ pcc }) => pcc),
  }));
  return { dataset, runs, source, models };
}

/** torchvision's ImageNet accuracy of an architecture, in percent; null where the paper does not use it. */
export function publishedTop1(architecture: string | null): number | null {
  const found = Object.entries(paperTables.imagenetTop1.percent).find(([name]) => isSameArchitecture(name, architecture));
  return found?.[1] ?? null;
}

/** The tables whose cells are mean r over pairs. */
export type CouplingTableNumber = 1 | 2 | 3 | 5 | 6 | 7 | 8;

/** What a published table was made from. */
export function describePublished(number: CouplingTableNumber): { dataset: string; fbns: number } {
  const { dataset, fbns } = paperTables[`table${number}`];
  return { dataset, fbns };
}

/** Where the architecture stands in the paper's tables, for sorting; Infinity where it is not in them. */
export function paperOrder(architecture: string | null): number {
  const place = Object.keys(paperTables.table1.rows).findIndex((name) => isSameArchitecture(name, architecture));
  return place < 0 ? Infinity : place;
}

/** What the paper could have published about: one row of a table. */
export interface PublishedKey {
  architecture: string | null;
  trainedOn: string | null;
  /** For Table 3: what the layer is called, and its place among the blocks of its model. */
  layerLabel: string;
  blockPlace: number;
  blockCount: number;
}

/** The published cells of a row, by run; undefined where the paper has none. */
export function publishedRuns(number: CouplingTableNumber, key: PublishedKey): readonly PublishedCell[] | undefined {
  const byArchitecture = <Value>(rows: Record<string, Value>): Value | undefined =>
    Object.entries(rows).find(([name]) => isSameArchitecture(name, key.architecture))?.[1];
  if (number === 2) return isSameTrainingSet('ImageNet', key.trainedOn) ? byArchitecture(paperTables.table2.rows) : undefined;
  if (number === 3) return publishedBlock(byArchitecture(paperTables.table3.rows), key);
  const sets = byArchitecture(paperTables[`table${number}`].rows) ?? {};
  return Object.entries(sets).find(([name]) => isSameTrainingSet(name, key.trainedOn))?.[1] ?? undefined;
}

/**
 * The published mean r of a coupling of the last convolution, where the paper has one for as many FBNs and movie runs.
 * @param runNumber place of the movie run, from 1
 */
export function publishedMeanR(
  coupling: { direction: 'fbn-to-filter' | 'filter-to-fbn'; fbns: number; architecture: string | null; trainedOn: string | null },
  runNumber: number,
  runs: number,
): number | null {
  const numbers = coupling.direction === 'fbn-to-filter' ? ([1, 2, 5, 6, 7] as const) : ([8] as const);
  const number = numbers.find(
    (one) => paperTables[`table${one}`].fbns === coupling.fbns && paperTables[`table${one}`].runs === runs,
  );
  if (number === undefined) return null;
  const published = publishedRuns(number, { ...coupling, layerLabel: '', blockPlace: -1, blockCount: 0 });
  return published?.[runNumber - 1]?.pcc ?? null;
}

const ablationNames = { lt: 'LT', 'lt-lstm': 'LT+LSTM', 'lt-msa': 'LT+MSA' } as const;
/** What the paper's Table 4 measures. */
export type AblationMetrics = Pick<PairMetrics, 'MAE' | 'MSE' | 'RMSE' | 'DTW' | 'PCC'>;
/** What the paper's Table 4 compares. */
export type AblationVariant = keyof typeof ablationNames;

/** The published metrics of a variant, over all pairs and runs. */
export function publishedMetrics(variant: AblationVariant): { name: string; values: AblationMetrics } {
  const { columns, rows } = paperTables.table4;
  const name = ablationNames[variant];
  return {
    name,
    values: Object.fromEntries(columns.map((column, i) => [column, rows[name]![i]!])) as unknown as AblationMetrics,
  };
}

/** The same for pairs that can be compared with them: the paper's form, number of FBNs and CNN; undefined for others. */
export function publishedAblation(of: {
  variant: AblationVariant;
  isPapers: boolean;
  fbns: number;
  architecture: string | null;
  trainedOn: string | null;
}): AblationMetrics | undefined {
  const isComparable =
    of.isPapers &&
    of.fbns === 64 &&
    isSameArchitecture('ResNet-18', of.architecture) &&
    isSameTrainingSet('ImageNet', of.trainedOn);
  return isComparable ? publishedMetrics(of.variant).values : undefined;
}

/** By its label, or where labels differ and all blocks are there, by its place. */
function publishedBlock(blocks: Record<string, PublishedCell[]> | undefined, key: PublishedKey): PublishedCell[] | undefined {
  if (!blocks || !isSameTrainingSet('ImageNet', key.trainedOn)) return undefined;
  const names = Object.keys(blocks);
  const byPlace = key.blockCount === names.length ? names[key.blockPlace] : undefined;
  const name = names.find((label) => plain(label) === plain(key.layerLabel)) ?? byPlace;
  return name === undefined ? undefined : blocks[name];
}

/** torchvision's names, where more than spelling differs from the paper's. */
const torchvisionNames: Record<string, string> = {
  'ShuffleNet V2': 'shufflenet_v2_x1_0',
  'ResNeXt-50': 'resnext50_32x4d',
  MNASNet: 'mnasnet1_0',
};

function isSameArchitecture(paperName: string, architecture: string | null): boolean {
  if (architecture === null) return false;
  return [paperName, torchvisionNames[paperName] ?? paperName].some((name) => plain(name) === plain(architecture));
}

function isSameTrainingSet(paperName: string, trainedOn: string | null): boolean {
  return trainedOn !== null && plain(paperName) === plain(trainedOn).replace(/^imagenet1k$/, 'imagenet');
}

/** Letters and digits in lower case: "ResNet-18" and "resnet18" are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}
