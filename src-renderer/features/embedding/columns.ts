import type { EmbeddingView } from '../../../src-preload/shared/contract/views';
import type { Column } from '../../ui/data-table';
import { formatDate, formatNumber, formatSeconds, formatSignificant } from '../../ui/format';
import { describeVariant } from '../../../src-preload/shared/domain/variant-name';

const decimals = (count: number) => (value: string | number | null) => formatNumber(value as number | null, count);

/** What embeddings are compared by. */
export const embeddingColumns: Column<EmbeddingView>[] = [
  { key: 'id', title: 'Embedding', width: 96, align: 'right', side: 'brain', value: (row) => row.id },
  { key: 'variant', title: 'Variant', width: 190, value: (row) => describeVariant(row) },
  { key: 'fbns', title: 'FBNs', width: 64, align: 'right', value: (row) => row.fbns },
  { key: 'epochs', title: 'Epochs', width: 80, align: 'right', value: (row) => row.epochs },
  { key: 'train', title: 'Train loss', width: 96, align: 'right', value: (row) => row.trainLoss, format: decimals(4) },
  {
    ...{ key: 'validation', title: 'Best validation', width: 120, align: 'right' },
    value: (row) => row.bestValidationLoss ?? row.validationLoss,
    format: decimals(4),
  },
  { key: 'best', title: 'At epoch', hint: 'the epoch that is kept', width: 80, align: 'right', value: (row) => row.bestEpoch },
  {
    ...{ key: 'explained', title: 'Explained', hint: 'share of the test subjects’ variance', width: 96, align: 'right' },
    value: (row) => row.explainedVariance,
    format: decimals(3),
  },
  {
    ...{
      key: 'interSubject',
      title: 'Subjects’ r',
      hint: 'inter-subject correlation, mean over FBNs',
      width: 96,
      align: 'right',
    },
    value: (row) => row.quality?.interSubject ?? null,
    format: decimals(3),
  },
  {
    ...{ key: 'topShare', title: 'Top 5 %', hint: 'share of a map’s energy in its top 5 % of voxels, mean over FBNs' },
    ...{ width: 80, align: 'right' },
    value: (row) => row.quality?.topShare ?? null,
    format: decimals(3),
  },
  {
    ...{ key: 'splitHalf', title: 'Halves’ |r|', hint: 'split-half reproducibility of the maps, mean over FBNs' },
    ...{ width: 96, align: 'right' },
    value: (row) => row.quality?.splitHalf ?? null,
    format: decimals(3),
  },
  {
    ...{ key: 'meanR', title: 'Mean r', hint: 'of the pairs FBN to filter at last convolutions', width: 80, align: 'right' },
    value: (row) => row.meanR,
    format: decimals(3),
  },
  {
    ...{ key: 'recovery', title: 'Found', width: 96, align: 'right' },
    hint: 'on a phantom: planted pairs found FBN → filter and filter → FBN; in brackets by as many random maps',
    value: (row) => row.recovery && row.recovery.fbnToFilter + row.recovery.filterToFbn,
    text: describeRecovery,
    full: describeRecovery,
  },
  {
    ...{ key: 'secondsPerEpoch', title: 's/epoch', width: 80, align: 'right' },
    value: (row) => row.secondsPerEpoch,
    format: (value) => formatSignificant(value as number | null),
  },
  {
    ...{ key: 'seconds', title: 'Time', hint: 'epochs × time per epoch', width: 80, align: 'right' },
    value: (row) => (row.secondsPerEpoch === null ? null : row.secondsPerEpoch * row.epochs),
    format: (value) => formatSeconds(value as number | null),
  },
  { key: 'device', title: 'Device', width: 120, value: describeDevice },
  {
    key: 'date',
    title: 'Trained',
    width: 136,
    value: (row) => row.finishedAt ?? row.createdAt,
    format: (value) => formatDate(String(value)),
  },
  {
    key: 'state',
    title: 'State',
    value: (row) => (row.stale ? `▲ stale: ${row.stale}` : row.state),
    full: (row) => row.stale ?? row.state,
  },
];

/** How FBNs that have no loss came about. */
export function describeCourse({ variant, settings, provenance, trainRuns, testSubjects }: EmbeddingView): string {
  if (variant === 'external') {
    const activations = settings.activations === 'imported' ? 'activations imported' : 'activations by dual regression';
    const subjects = testSubjects.length > 0 ? `${testSubjects.length} subjects` : 'a mean over subjects';
    return `${String(settings.method)}, imported from ${String(settings.maps)}; ${activations}, ${subjects}.`;
  }
  const { held, passes, iterations, converged, zeros, seconds } = provenance as Record<string, number>;
  const parts = [
    `${trainRuns} training runs in ${passes} passes, ${iterations} iterations`,
    `the components hold ${formatNumber(100 * held!, 1)} % of the variance`,
    zeros != null && `${formatNumber(100 * zeros, 1)} % of the maps is 0`,
    !converged && 'not converged',
    formatSeconds(seconds!),
  ];
  return `${parts.filter(Boolean).join('; ')}. Activations of ${testSubjects.length} test subjects by dual regression.`;
}

/** "9, 7 (6, 6)": found, and found by random maps. */
function describeRecovery({ recovery }: EmbeddingView): string {
  if (!recovery) return '–';
  const { fbnToFilter, filterToFbn, control } = recovery;
  return `${fbnToFilter}, ${filterToFbn} (${formatNumber(control.fbnToFilter, 0)}, ${formatNumber(control.filterToFbn, 0)})`;
}

/** Where it was trained: "cpu, onnxruntime", "cpu (wasm), tfjs". */
export function describeDevice({ provenance }: EmbeddingView): string {
  const { engine, provider, device } = provenance as { engine?: string; provider?: string; device?: { actual?: string } };
  const actual = device?.actual ?? 'unknown device';
  return [provider && provider !== actual ? `${actual} (${provider})` : actual, engine].filter(Boolean).join(', ');
}

/** Everything that decides the bits of a training beside its settings and runs; nothing where it was made elsewhere. */
export function describeComputation({ variant, provenance }: EmbeddingView): string | undefined {
  const { engine, engineVersion, provider, threads, seed, device, deviceReason } = provenance as {
    [name in 'engine' | 'engineVersion' | 'provider' | 'deviceReason']?: string;
  } & { threads?: number | null; seed?: number; device?: { requested: string; actual: string } };
  if (!engine || !device || variant === 'external') return undefined;
  const by = [engine, engineVersion].filter(Boolean).join(' ');
  const on = [
    device.actual,
    provider !== device.actual && provider,
    threads && (threads === 1 ? '1 thread' : `${threads} threads`),
  ]
    .filter(Boolean)
    .join(', ');
  const chosen = device.requested === 'auto' && deviceReason ? ` The device was chosen: ${deviceReason}.` : '';
  return `Computed by ${by} on ${on}, seed ${seed ?? 'unknown'}.${chosen}`;
}
