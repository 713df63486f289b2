import { POWER, type PowerLevel } from './power';
import type { StudyFile } from './run';

const WIDTH = 410;
const HEIGHT = 310;
const BLUE = '#3B8FE8';
const CORAL = '#E8743B';
const TEXT = '#5B626C';

/** One line of shares, a point per place of the x axis. */
interface Line {
  label: string;
  colour: string;
  /** As in SVG's stroke-dasharray. */
  dash: string;
  shares: readonly number[];
}

/** Rejection rates by φ; legible on a light and on a dark page. */
export function calibrationFigure({ byPhi }: NonNullable<StudyFile['simulated']>): string {
  const line = (way: 'paper' | 'shift', label: string, colour: string, dash = ''): Line => {
    return { label, colour, dash, shares: byPhi.map((one) => one[way].share) };
  };
  return drawShares(
    'Share of chance pairs with p ≤ 0.05, by φ',
    byPhi.map(({ phi }, i) => (i % 3 === 0 ? phi.toFixed(1) : '')),
    [line('paper', 'paper: t-test', CORAL), line('shift', 'corrected: null of the maximum', BLUE, '6 3')],
  );
}

/** Share of the phantom's networks whose pair is called significant, by noise: those that follow a filter, and those that do not. */
export function powerFigure(levels: readonly PowerLevel[]): string {
  const scanned = POWER.networks * POWER.runs * POWER.repetitions;
  const line = (label: string, side: 'true' | 'false', way: 'paper' | 'corrected'): Line => ({
    ...{ label, colour: way === 'paper' ? CORAL : BLUE, dash: side === 'true' ? '' : '6 3' },
    shares: levels.map((level) => level[side][way] / scanned),
  });
  return drawShares(
    'Share of networks with a significant pair, by noise',
    levels.map(({ noise }) => String(noise)),
    [
      line('true pair, paper', 'true', 'paper'),
      line('true pair, corrected', 'true', 'corrected'),
      line('follows nothing, paper', 'false', 'paper'),
      line('follows nothing, corrected', 'false', 'corrected'),
    ],
  );
}

function drawShares(title: string, places: readonly string[], lines: readonly Line[]): string {
  const across = (place: number) => 50 + (place / (places.length - 1)) * 290;
  const up = (share: number) => 240 - share * 200;
  const text = (x: number, y: number, content: string, more = '') => `<text x="${x}" y="${y}"${more}>${content}</text>`;
  const rule = (share: number, more: string) =>
    `<line x1="50" x2="340" y1="${up(share)}" y2="${up(share)}" stroke="${TEXT}" ${more}/>`;
  const legend = (i: number) => ({ x: 50 + (i % 2) * 165, y: 280 + Math.floor(i / 2) * 18 });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="${TEXT}">`,
    `<title>${title}</title>`,
    text(50, 20, title),
    ...[0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
      rule(share, 'stroke-opacity="0.3"'),
      text(44, up(share) + 4, `${100 * share} %`, ' text-anchor="end"'),
    ]),
    rule(0.05, 'stroke-dasharray="2 2"'),
    ...places.flatMap((place, i) => (place === '' ? [] : [text(across(i), 258, place, ' text-anchor="middle"')])),
    ...lines.flatMap(({ label, colour, dash, shares }, i) => {
      const points = shares.map((share, place) => `${across(place).toFixed(1)},${up(share).toFixed(1)}`).join(' ');
      const stroke = `stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"`;
      const { x, y } = legend(i);
      return [
        `<polyline points="${points}" fill="none" ${stroke}/>`,
        `<line x1="${x}" x2="${x + 18}" y1="${y - 4}" y2="${y - 4}" ${stroke}/>`,
        text(x + 23, y, label),
      ];
    }),
    '</svg>',
    '',
  ].join('\n');
}
