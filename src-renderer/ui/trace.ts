/** One series of a trace plot; values are samples at index × step. NaN is a gap. */
export interface TraceSeries {
  label: string;
  side: 'brain' | 'network' | 'neutral';
  values: Float32Array | Float64Array;
  dashed?: boolean;
  band?: { lower: Float32Array; upper: Float32Array };
}

/** The value of a theme variable (`--brain`) as it stands now. */
export function themeColour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim() || '#888888';
}

export function sideColour(side: TraceSeries['side']): string {
  return themeColour(side === 'neutral' ? '--text-quiet' : `--${side}`);
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
