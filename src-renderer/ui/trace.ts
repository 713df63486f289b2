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

/** Calls back when the theme changes; returns the function that stops it. */
export function onThemeChange(callback: () => void): () => void {
  const observer = new MutationObserver(callback);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'class'] });
  return () => observer.disconnect();
}

/** Series as columns of tab-separated text, with their bands; missing samples stay empty. */
export function seriesAsTsv(series: readonly TraceSeries[], step: number, xLabel: string): string {
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
  const lines = Array.from({ length }, (_, at) => [at * step, ...columns.map(({ values }) => cell(values[at]))].join('\t'));
  return [[xLabel, ...columns.map(({ title }) => title)].join('\t'), ...lines].join('\n');
}
