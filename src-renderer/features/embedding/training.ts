import type { TimedProgress } from '../../../src-preload/shared/domain/work';
import { formatNumber } from '../../ui/format';
import type { TraceSeries } from '../../ui/trace';

/** What the paper trains with. @see Sync-ACT, section 4.1 */
export const paperSettings = {
  variant: 'lt' as 'lt' | 'lt-lstm' | 'lt-msa',
  ...{ fbns: 64, epochs: 100, batchSize: 16, learningRate: 0.01, seed: 0 },
  schedule: 'constant' as 'constant' | 'cosine' | 'step',
  clipNorm: null as number | null,
  patience: null as number | null,
  crop: 'start' as 'none' | 'start' | 'end' | 'random',
  ...{ heads: 8, residualNorm: false, positions: false },
};

/** The forms of the embedding, all three the paper's. */
export const variantOptions = [
  { value: 'lt', label: 'LT: linear' },
  { value: 'lt-lstm', label: 'LT+LSTM: recurrent' },
  { value: 'lt-msa', label: 'LT+MSA: self-attention' },
];

/** What each module of LT+MSA adds to plain attention. */
export const moduleOptions = [
  { value: 'plain', label: 'plain (paper)' },
  { value: 'residual', label: 'residual + norm (default)' },
  { value: 'positions', label: 'positions' },
  { value: 'both', label: 'residual + norm, positions' },
];

export const scheduleOptions = [
  { value: 'constant', label: 'constant (paper)' },
  { value: 'cosine', label: 'cosine' },
  { value: 'step', label: 'a tenth each third' },
];

export const cropOptions = [
  { value: 'start', label: 'cut: their start (paper)' },
  { value: 'end', label: 'cut: their end' },
  { value: 'random', label: 'cut: anywhere, anew each epoch' },
  { value: 'none', label: 'left as they are' },
];

/** How the training runs were cut, in words; null where they were not. */
export function describeCrop(crop: { from: string; timePoints: number; runs: number } | null): string | null {
  if (!crop) return null;
  const stretch = { start: 'the first', end: 'the last', random: 'any' }[crop.from] ?? crop.from;
  return `${crop.runs} of them cut to ${stretch} ${crop.timePoints} time points`;
}

/** What the form starts with: the paper's values, but for modules of LT+MSA that learn (docs/decisions/0014-attention-modules.md). */
export const firstSettings: typeof paperSettings = { ...paperSettings, residualNorm: true };

/** Whether the settings are the paper's, which trains every variant; seed and heads are nobody's, and only LT+MSA has modules. */
export function isPaperSetting(settings: typeof paperSettings): boolean {
  const free: readonly string[] = [
    'variant',
    'seed',
    'heads',
    ...(settings.variant === 'lt-msa' ? [] : ['residualNorm', 'positions']),
  ];
  const names = (Object.keys(paperSettings) as (keyof typeof paperSettings)[]).filter((name) => !free.includes(name));
  return names.every((name) => settings[name] === paperSettings[name]);
}

function column(losses: Float64Array, place: number): Float64Array {
  return Float64Array.from({ length: losses.length / 4 }, (_, epoch) => losses[epoch * 4 + place]!);
}

/**
 * The curves of a training.
 * @param losses [epochs, 4]: epoch, train loss, validation loss (NaN where none), seconds
 */
export function lossSeries(losses: Float64Array): TraceSeries[] {
  const validation = column(losses, 2);
  const train: TraceSeries = { label: 'train', side: 'brain', values: column(losses, 1) };
  if (validation.every((value) => Number.isNaN(value))) return [train];
  return [train, { label: 'validation', side: 'neutral', values: validation, dashed: true }];
}

/** One curve per embedding to compare: the validation loss where there is one, else the training loss. */
export function comparedSeries(losses: ReadonlyMap<number, Float64Array>, shown: number | undefined): TraceSeries[] {
  return [...losses].map(([id, rows], place) => {
    const [train, validation = train] = lossSeries(rows);
    const isShown = id === shown;
    return {
      ...{ label: `embedding ${id} ${validation!.label}`, values: validation!.values, dashed: place % 2 === 1 },
      side: isShown ? 'brain' : 'neutral',
      strength: isShown ? 1 : 1 - 0.15 * (place % 5),
    };
  });
}

/** How fast a training goes, beside its ceiling where that was measured: "14.1 samples/s of 22.5 (63 %)". */
export function describePace({
  samplesPerSecond,
  ceilingSamplesPerSecond: ceiling,
}: Pick<TimedProgress, 'samplesPerSecond' | 'ceilingSamplesPerSecond'>): string {
  const pace = `${formatNumber(samplesPerSecond, 1)} samples/s`;
  if (!ceiling || samplesPerSecond === undefined) return pace;
  return `${pace} of ${formatNumber(ceiling, 1)} (${formatNumber((100 * samplesPerSecond) / ceiling, 0)} %)`;
}
