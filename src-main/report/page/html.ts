import { createHash } from 'node:crypto';
import type { ReadableTable, ReportTask } from '../../../src-preload/shared/contract/report';
import type { PageData } from '../../../src-preload/shared/contract/report-page';
import { escapeXml as escape } from '../../figures/drawing/svg';
import { explorerMarkup } from './explorer-markup';

/** A report before it is written as a page. */
export interface ReportPage extends Pick<ReportTask, 'title' | 'facts' | 'methods' | 'tables'> {
  /** SVG documents without fonts of their own. */
  figures: { caption: string; svg: string }[];
  explorer: { data: PageData; arrays: Readonly<Record<string, Uint8Array>> } | null;
  /** JSON. */
  provenance: string;
  /** What brings the page to life, and how it looks. */
  script: string;
  style: string;
  /** The typeface, WOFF2. */
  font: Uint8Array;
}

/**
 * A report as one HTML file that needs nothing beside it and may fetch nothing: a policy in its head allows only the script and the
 * style that are in it, by their hashes, and pictures and typefaces that are part of it. Whatever text a project holds is escaped.
 * @returns the file in pieces, to be written one after another
 */
export function* htmlReport(page: ReportPage): Generator<string> {
  const script = page.script.replace(/<(?=\/script|!--)/gi, '\\x3c');
  const font = `url(data:font/woff2;base64,${Buffer.from(page.font).toString('base64')}) format('woff2')`;
  const style = `@font-face{font-family:Inter;font-weight:100 900;src:${font}}\n${page.style}`;
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(page.title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escape(page.title)}</h1>
<dl>${page.facts.map(({ name, value }) => `<div><dt>${escape(name)}</dt><dd>${escape(value)}</dd></div>`).join('')}</dl>
</header>
${navigation(page)}
<main>
`;
  if (page.explorer) yield explorerMarkup(page.explorer.data);
  yield* figures(page);
  yield* tables(page);
  yield methods(page);
  yield provenance(page);
  yield '</main>\n';
  if (page.explorer) yield* arrays(page.explorer);
  yield `<script>${script}</script>\n</body>\n</html>\n`;
}

function policy(script: string, style: string): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    'img-src data:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

function navigation({ explorer, figures, tables }: ReportPage): string {
  const links = [
    explorer && ['explorer', 'FBNs'],
    figures.length > 0 && ['figures', 'Figures'],
    tables.length > 0 && ['tables', 'Tables'],
    ['methods', 'Methods'],
    ['provenance', 'Provenance'],
  ].filter((link) => Array.isArray(link));
  return `<nav aria-label="Parts of the report">${links.map(([id, name]) => `<a href="#${id}">${name}</a>`).join('')}</nav>`;
}

function* figures({ figures }: ReportPage): Generator<string> {
  if (figures.length === 0) return;
  yield '<section id="figures"><h2>Figures</h2>\n';
  for (const { caption, svg } of figures) {
    // The declaration belongs to files of their own.
    const inline = svg.replace(/^<\?xml[^>]*\?>\s*/, '');
    yield `<figure class="drawn"><div>${inline}</div><figcaption>${escape(caption)}</figcaption></figure>\n`;
  }
  yield '</section>\n';
}

function* tables({ tables }: ReportPage): Generator<string> {
  if (tables.length === 0) return;
  yield '<section id="tables"><h2>Tables</h2>\n';
  for (const table of tables) yield tableMarkup(table);
  yield '</section>\n';
}

function tableMarkup({ title, caption, notes, header, numeric, rows }: ReadableTable): string {
  const cell = (tag: 'th scope="col"' | 'td', text: string, column: number) =>
    `<${tag}${numeric[column] ? ' class="number"' : ''}>${escape(text)}</${tag.slice(0, 2)}>`;
  return [
    `<div class="table" tabindex="0" role="region" aria-label="${escape(title)}"><table>`,
    `<caption><strong>${escape(title)}.</strong> ${escape(caption)}</caption>`,
    `<thead><tr>${header.map((text, column) => cell('th scope="col"', text, column)).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map((row) => `<tr>${row.map((text, column) => cell('td', text, column)).join('')}</tr>`),
    `</tbody></table></div>${notes.map((note) => `<p class="quiet">${escape(note)}</p>`).join('')}`,
    '',
  ].join('\n');
}

function methods({ methods: { text, references } }: ReportPage): string {
  const list = references.map((reference) => `<li>${escape(reference)}</li>`).join('');
  return `<section id="methods"><h2>Methods</h2><p>${escape(text)}</p>${list && `<ol>${list}</ol>`}</section>\n`;
}

function provenance({ provenance }: ReportPage): string {
  return (
    '<section id="provenance"><h2>Provenance</h2><details><summary>What this report was made from and how</summary>' +
    `<pre>${escape(provenance)}</pre></details></section>\n`
  );
}

/** Blocks of data are no scripts: a browser reads them over, and the page's script decodes what it shows. */
function* arrays({ data, arrays }: NonNullable<ReportPage['explorer']>): Generator<string> {
  const json = JSON.stringify(data).replace(/</g, '\\u003c');
  yield `<script type="application/json" id="data">${json}</script>\n`;
  for (const [name, bytes] of Object.entries(arrays))
    yield `<script type="application/octet-stream" id="${escape(name)}">${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}</script>\n`;
}
