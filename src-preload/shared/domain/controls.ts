/** What a movie does without any meaning, by frame: what FBNs and filters may share for no better reason. */
export const frameFeatures = ['luminance', 'contrast', 'colourfulness', 'edge density', 'motion energy', 'cut'] as const;

/** What confounds may be chosen from: those of the picture, and how loud the movie is. */
export const confoundNames = [...frameFeatures, 'sound level'] as const;
export type Confound = (typeof confoundNames)[number];

/** How the blood follows a filter: not modelled (the paper), or by the canonical response, its derivatives beside it on request. */
export const responses = ['none', 'canonical', 'derivatives'] as const;
export type ResponseModel = (typeof responses)[number];

/** What is done to activations before they are correlated. The paper does nothing. */
export interface Controls {
  /** Partialled out of both sides, in the order of confoundNames. */
  confounds: readonly Confound[];
  response: ResponseModel;
  /** Delays of the filters behind the movie that are tried, in seconds; null: none but 0. */
  lag: { least: number; most: number } | null;
}

export const noControls: Controls = { confounds: [], response: 'none', lag: null };

const SEPARATOR = ' · ';
const WITHOUT = 'without ';
const responseTexts = { canonical: 'HRF', derivatives: 'HRF with derivatives' } as const;
const LAG = /^lag ([\d.]+)–([\d.]+) s$/;

/**
 * How activations were made and what was done to them, in one line: `max`, or `max · without luminance, cut · HRF · lag 0–8 s`.
 * Couplings are kept apart by it, and it is shown beside their numbers.
 * @param activations from activationForm
 */
export function couplingForm(activations: string, { confounds, response, lag }: Controls): string {
  const chosen = confoundNames.filter((name) => confounds.includes(name));
  return [
    activations,
    ...(chosen.length > 0 ? [`${WITHOUT}${chosen.join(', ')}`] : []),
    ...(response === 'none' ? [] : [responseTexts[response]]),
    ...(lag ? [`lag ${lag.least}–${lag.most} s`] : []),
  ].join(SEPARATOR);
}

/** What couplingForm put together. */
export function parseCouplingForm(form: string): { activations: string; controls: Controls } {
  const [activations = '', ...parts] = form.split(SEPARATOR);
  const without = parts.find((part) => part.startsWith(WITHOUT));
  const lag = parts.map((part) => LAG.exec(part)).find((match) => match !== null);
  const response = responses.find((name) => name !== 'none' && parts.includes(responseTexts[name])) ?? 'none';
  const names: readonly string[] = without?.slice(WITHOUT.length).split(', ') ?? [];
  const confounds = confoundNames.filter((name) => names.includes(name));
  return { activations, controls: { confounds, response, lag: lag ? { least: Number(lag[1]), most: Number(lag[2]) } : null } };
}

/** Whether nothing is done to the activations. */
export function isUncontrolled({ confounds, response, lag }: Controls): boolean {
  return confounds.length === 0 && response === 'none' && lag === null;
}

/** The delays that are tried, in TRs: every one within the seconds asked for. */
export function lagsInTrs({ lag }: Controls, trSeconds: number): number[] {
  if (!lag) return [0];
  // 4 s are 5 TRs of 0.8 s, whatever the rounding.
  const [first, last] = [Math.ceil(lag.least / trSeconds - 1e-6), Math.floor(lag.most / trSeconds + 1e-6)];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
