import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { htmlReport, type ReportPage } from '../../../src-main/report/page/html';
import { packMask, quantiseMap, quantiseSeries } from '../../../src-main/report/page/quantise';
import { NO_SAMPLE, NO_VOXEL, STEPS_PER_DEVIATION } from '../../../src-preload/shared/contract/report-page';

const hostile = `</title></script><img src=x onerror=alert(1)> "' & <!--`;
const grid = { shape: [2, 2, 2] as const, affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
const page: ReportPage = {
  title: hostile,
  facts: [{ name: hostile, value: hostile }],
  methods: { text: hostile, references: [hostile] },
  tables: [
    {
      title: hostile,
      caption: hostile,
      notes: [hostile],
      header: [hostile, 'r'],
      numeric: [false, true],
      rows: [[hostile, '0.5']],
    },
  ],
  figures: [{ caption: hostile, svg: '<?xml version="1.0" encoding="UTF-8"?>\n<svg></svg>' }],
  explorer: {
    data: {
      ...{ grid, voxels: 2, fbns: [{ note: hostile, terms: hostile, step: 1, limit: 1 }] },
      runs: [{ movieRun: hostile, trSeconds: 1, timePoints: 3, partners: [{ name: hostile, r: 0.5 }] }],
    },
    arrays: { mask: Uint8Array.of(3) },
  },
  provenance: hostile,
  script: 'const a = "</script><!--";',
  style: 'body{margin:0}',
  font: Uint8Array.of(1, 2, 3),
};
const text = [...htmlReport(page)].join('');

test('no text of a project becomes markup or ends a block', () => {
  expect(text).not.toContain('<img');
  expect(text.match(/<\/title/g)).toHaveLength(1);
  // The data, one array, and the page's own script.
  expect(text.match(/<script/g)).toHaveLength(3);
  expect(text.match(/<\/script/g)).toHaveLength(3);
  expect(text).not.toContain('<!--');
  expect(text).not.toContain('<?xml');
});

test('the data come back out of their block as they were', () => {
  const json = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(text)![1]!;
  expect(JSON.parse(json)).toEqual(page.explorer!.data);
});

test('the policy lets in the script and the style that are there, and nothing else', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!;
  const hash = (content: string) => `'sha256-${createHash('sha256').update(content).digest('base64')}'`;
  const style = /<style>([^<]*)<\/style>/.exec(text)![1]!;
  const script = /<script>([^]*?)<\/script>/.exec(text)![1]!;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(text).not.toMatch(/(src|href)="?https?:/);
});

test('a map in 255 steps is off by half a step at most; voxels without a value stay so', () => {
  const map = Float32Array.from({ length: 1000 }, (_, i) => (i === 7 ? NaN : Math.sin(i) * Math.exp(-i / 300)));
  const { steps, step, limit } = quantiseMap(map);
  expect(steps[7]).toBe(NO_VOXEL);
  const largest = Math.max(...map.filter((value) => !Number.isNaN(value)).map(Math.abs));
  expect(step).toBeCloseTo(largest / 127, 12);
  map.forEach((value, i) => i !== 7 && expect(Math.abs(steps[i]! * step - value)).toBeLessThanOrEqual(step / 2 + 1e-9));
  expect(limit).toBeLessThan(largest);
  expect(quantiseMap(new Float32Array(4))).toEqual({ steps: new Int8Array(4), step: 1, limit: 1 });
});

test('series are kept as z-scores to a thousandth, constant ones as none', () => {
  const steps = quantiseSeries({ rows: 2, columns: 4, data: Float32Array.of(1, 2, 3, 4, 5, 5, 5, 5) });
  const z = [-1.5, -0.5, 0.5, 1.5].map((value) => value / Math.sqrt(1.25));
  expect([...steps.subarray(0, 4)]).toEqual(z.map((value) => Math.round(value * STEPS_PER_DEVIATION)));
  expect([...steps.subarray(4)]).toEqual(Array(4).fill(NO_SAMPLE));
});

test('a mask is a bit a voxel', () => {
  expect([...packMask(Int32Array.of(0, 9, 15), 18)]).toEqual([1, 130, 0]);
});
