import type { StudyFile } from './run';

const WIDTH = 380;
const HEIGHT = 300;
const BLUE = '#3B8FE8';
const CORAL = '#E8743B';
const TEXT = '#5B626C';

/** Rejection rates by φ; legible on a light and on a dark page. */
export function calibrationFigure({ byPhi }: NonNullable<StudyFile['simulated']>): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="${TEXT}">`,
    '<title>Share of chance pairs called significant at 0.05</title>',
    ...ratesPanel(byPhi),
    '</svg>',
    '',
  ].join('\n');
}

function ratesPanel(byPhi: NonNullable<StudyFile['simulated']>['byPhi']): string[] {
  const across = (phi: number) => 50 + (phi / 0.9) * 290;
  const up = (share: number) => 250 - share * 210;
  const lines = [
    { way: 'paper', colour: CORAL, dash: '', label: 'paper: t-test' },
    { way: 'shift', colour: BLUE, dash: '6 3', label: 'corrected: null of the maximum' },
  ] as const;
  return [
    `<text x="50" y="20">share of chance pairs with p ≤ 0.05, by φ</text>`,
    ...[0, 0.25, 0.5, 0.75, 1].map(
      (share) =>
        `<line x1="50" x2="340" y1="${up(share)}" y2="${up(share)}" stroke="${TEXT}" stroke-opacity="0.3"/><text x="44" y="${up(share) + 4}" text-anchor="end">${100 * share} %</text>`,
    ),
    `<line x1="50" x2="340" y1="${up(0.05)}" y2="${up(0.05)}" stroke="${TEXT}" stroke-dasharray="2 2"/>`,
    ...byPhi
      .filter((_, i) => i % 3 === 0)
      .map(({ phi }) => `<text x="${across(phi)}" y="268" text-anchor="middle">${phi.toFixed(1)}</text>`),
    ...lines.map(({ way, colour, dash, label }, i) => {
      const points = byPhi.map((one) => `${across(one.phi).toFixed(1)},${up(one[way].share).toFixed(1)}`).join(' ');
      return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${60 + i * 110}" y="290" fill="${colour}">${label}</text>`;
    }),
  ];
}
