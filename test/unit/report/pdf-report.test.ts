import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import { expect, test } from 'vitest';
import { Drawing } from '../../../src-main/figures/drawing/scene';
import { CONTENT_WIDTH } from '../../../src-main/report/pdf/pages';
import { pdfReport, type PdfReport } from '../../../src-main/report/pdf/report-pdf';
import { columnGroups } from '../../../src-main/report/pdf/table';

const drawing = new Drawing();
drawing.text(10, 20, 'Inside the figure', { size: 6 });
const columns = 24;
const report: PdfReport = {
  title: 'A study <of> "films"',
  facts: [{ name: 'mode', value: 'paper' }],
  methods: { text: 'What was done. '.repeat(400).trim(), references: ['Zhao et al. (2022).'] },
  tables: [
    {
      ...{ title: 'Table 1. Many rows', caption: 'A star marks something.', notes: ['A note.'] },
      header: ['Model', ...Array.from({ length: columns }, (_, i) => `Run ${i}: mean r`)],
      numeric: [false, ...Array<boolean>(columns).fill(true)],
      rows: Array.from({ length: 80 }, (_, row) => [
        `model-${row}`,
        ...Array.from({ length: columns }, (_, i) => `0.${row}${i}`),
      ]),
    },
  ],
  figures: [{ caption: 'What it shows.', scene: drawing.scene(519, 120, 'A figure') }],
  provenance: '{"program":"x"}',
};

async function read(bytes: Buffer) {
  const document = await getDocument({ data: new Uint8Array(bytes), verbosity: 0 }).promise;
  const pages: string[] = [];
  for (let number = 1; number <= document.numPages; number++) {
    const { items } = await (await document.getPage(number)).getTextContent();
    pages.push(items.map((item) => ('str' in item ? item.str : '')).join(' '));
  }
  return { document, pages };
}

test('all of a report can be read and selected, over as many pages as it takes, with bookmarks and its provenance', async () => {
  const { document, pages } = await read(await pdfReport(report));
  const text = pages.join(' ');
  for (const part of [report.title, 'mode: paper', '[1] Zhao', 'Inside the figure', 'Figure 1. What it shows.', 'A note.'])
    expect(text).toContain(part);
  expect(text.match(/What was done\./g)).toHaveLength(400);
  // Every row, in every group of columns, with the name of the model.
  const groups = text.match(/model-79/g)!.length;
  expect(groups).toBeGreaterThan(1);
  for (const row of [0, 44, 79]) expect(text.match(new RegExp(`model-${row}\\b`, 'g'))).toHaveLength(groups);
  expect(text).toContain(`${columns - 1}:`);
  pages.forEach((page, i) => expect(page).toContain(`${i + 1} / ${pages.length}`));
  expect((await document.getOutline()).map(({ title }) => title)).toEqual([
    ...[report.title, 'Methods', 'Figures', 'Table 1. Many rows'],
  ]);
  const attached = (await document.getAttachments()) as Record<string, { content: Uint8Array }>;
  expect(Buffer.from(attached['provenance.json']!.content).toString()).toBe(report.provenance);
});

test('the same report gives the same bytes', async () => {
  const short = { ...report, tables: [] };
  expect((await pdfReport(short)).equals(await pdfReport(short))).toBe(true);
});

test('columns that are wider than a page go on below, each group beginning with what says what a row is of', () => {
  const wide = CONTENT_WIDTH / 4;
  const of = (...widths: number[]) => widths.map((width) => ({ width }));
  expect(columnGroups(of(40, 40, 40), 1)).toEqual([[0, 1, 2]]);
  expect(columnGroups(of(wide, wide, wide, wide, wide), 1)).toEqual([
    [0, 1, 2],
    [0, 3, 4],
  ]);
  // Keys that would fill half of the page are not repeated; without numbers there are none.
  expect(columnGroups(of(wide * 2.5, wide, wide), 1)).toEqual([[0, 1], [2]]);
  expect(columnGroups(of(wide, wide, wide, wide), -1)).toEqual([[0, 1, 2], [3]]);
});
