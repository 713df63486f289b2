import type uPlot from 'uplot';

/** One series of a trace plot; values are samples at index × step. NaN is a gap. */
export interface TraceSeries {
  label: string;
  side: 'brain' | 'network' | 'neutral';
  values: Float32Array | Float64Array;
  dashed?: boolean;
  /** 1 is the side's full colour, less fades towards the ground. */
  strength?: number;
  band?: { lower: Float32Array; upper: Float32Array };
}

/** Single values at each sample: of one kind of thing, beside the series of their mean. */
export interface TickRow {
  side: TraceSeries['side'];
  /** On which side of the sample their strokes stand. */
  place: 'left' | 'right';
  /** By sample; NaN is none. */
  values: readonly Float32Array[];
}

/** The lowest and the highest tick of each sample, null where there is none; nothing where there are no ticks. */
export function tickRange(rows: readonly TickRow[], samples: number): (number | null)[][] {
  if (rows.length === 0) return [];
  const [lowest, highest] = [new Array<number | null>(samples).fill(null), new Array<number | null>(samples).fill(null)];
  for (const { values } of rows)
    for (let i = 0; i < Math.min(samples, values.length); i++)
      for (const value of values[i]!) {
        if (!Number.isFinite(value)) continue;
        lowest[i] = Math.min(lowest[i] ?? value, value);
        highest[i] = Math.max(highest[i] ?? value, value);
      }
  return [lowest, highest];
}

/** Draws ticks as strokes beside their sample, fainter the more there are. */
export function drawTicks(plot: uPlot, rows: readonly TickRow[], at: (index: number) => number): void {
  const { ctx } = plot;
  const samples = Math.max(0, ...rows.map(({ values }) => values.length));
  const spacing = samples > 1 ? plot.valToPos(at(1), 'x', true) - plot.valToPos(at(0), 'x', true) : 24;
  const width = Math.max(2, Math.min(6 * devicePixelRatio, spacing * 0.4));
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([]);
  for (const { side, place, values } of rows) {
    ctx.strokeStyle = sideColour({ side });
    ctx.globalAlpha = Math.max(0.15, Math.min(0.7, 6 / (values[0]?.length ?? 1)));
    ctx.beginPath();
    for (const [i, ofSample] of values.entries()) {
      const x = plot.valToPos(at(i), 'x', true) + (place === 'left' ? -width - 1 : 1);
      for (const value of ofSample) {
        if (!Number.isFinite(value)) continue;
        const y = plot.valToPos(value, 'y', true);
        ctx.moveTo(x, y);
        ctx.lineTo(x + width, y);
      }
    }
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
}

/** The value of a theme variable (`--brain`) as it stands now. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#888888';
}

export function sideColour({ side, strength = 1 }: Pick<TraceSeries, 'side' | 'strength'>): string {
  const full = themeColour(side === 'neutral' ? '--text-quiet' : `--${side}`);
  return strength === 1 ? full : `color-mix(in srgb, ${full} ${100 * strength}%, ${themeColour('--ground')})`;
}

/** The network is dashed unless the series says otherwise, so that nothing depends on colour alone. */
export function isDashed(series: TraceSeries): boolean {
  return series.dashed ?? series.side === 'network';
}

/** Calls back when the theme changes, by choice or with the system's; returns the function that stops it. */
export function onThemeChange(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
  const system = matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', callback);
  return () => {
    observer.disconnect();
    system.removeEventListener('change', callback);
  };
}

/** Series as columns of tab-separated text, with their bands; missing samples stay empty. */
export function seriesAsTsv(series: readonly TraceSeries[], place: (index: number) => number, xLabel: string): string {
  const columns = series.flatMap(({ label, values, band }) => [
    { title: label, values },
    ...(band
      ? [
          { title: `${label} lower`, values: band.lower },
          { title: `${label} upper`, values: band.upper },
        ]
      : []),
  ]);
  const length = columns.reduce((most, { values }) => Math.max(most, values.length), 0);
  const cell = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? '' : String(value));
  const lines = Array.from({ length }, (_, at) => [place(at), ...columns.map(({ values }) => cell(values[at]))].join('\t'));
  return [[xLabel, ...columns.map(({ title }) => title)].join('\t'), ...lines].join('\n');
}
