import type { ReadableTable } from '../../../src-preload/shared/contract/report';
import { HAIRLINE, INK } from '../../figures/drawing/colours';
import { fitText, textWidth } from '../../figures/drawing/fonts';
import { CONTENT_WIDTH, PAGE, type Pages } from './pages';

const SIZE = 7;
/** Type is made smaller down to here before columns are set beneath each other. */
const SMALLEST = 5.25;
const LINE = 10;
const GAP = 8;
/** Texts wider than this are cut in their middle. */
const WIDEST = 130;
/** Lines that must stand on the page on which a table begins. */
const FEWEST_ROWS = 3;

/**
 * Sets a table between hairlines, over as many pages as it takes, its header on each. Where its columns are wider than a page, even in
 * smaller type, they are set in groups one beneath the other, each beginning with the columns that say what a row is of.
 */
export function setTable(pages: Pages, table: ReadableTable): void {
  const whole = table.header.map((_, column) => columnOf(table, column, SIZE));
  const fitting = SIZE * Math.min(1, CONTENT_WIDTH / widthOf(whole, [...whole.keys()]));
  const size = fitting < SMALLEST ? SIZE : fitting;
  const columns = size === SIZE ? whole : table.header.map((_, column) => columnOf(table, column, size));
  for (const group of columnGroups(columns, table.numeric.indexOf(true))) {
    setGroup(pages, table, columns, group, size);
    pages.gap(LINE);
  }
}

function widthOf(columns: readonly Pick<Column, 'width'>[], group: readonly number[]): number {
  return group.reduce((sum, column) => sum + columns[column]!.width + GAP, -GAP);
}

interface Column {
  width: number;
  /** The header, broken into lines of that width. */
  header: string[];
}

function columnOf({ header, rows }: ReadableTable, column: number, size: number): Column {
  const cells = rows.map((row) => textWidth(row[column]!, size));
  const words = header[column]!.split(' ').map((word) => textWidth(word, size, true));
  const width = Math.min(WIDEST, Math.max(...cells, ...words, 12)) + 0.1;
  return { width, header: brokenText(header[column]!, width, size) };
}

function brokenText(text: string, width: number, size: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`.trim();
    if (lines.length > 0 && textWidth(longer, size, true) <= width) lines[lines.length - 1] = longer;
    else lines.push(fitText(word, width, size, true));
  }
  return lines;
}

/** Columns page by page. @param keys how many at the start say what a row is of; below 1 where all or none do */
export function columnGroups(columns: readonly Pick<Column, 'width'>[], keys: number): number[][] {
  const repeated = keys > 0 && widthOf(columns, [...Array(keys).keys()]) < CONTENT_WIDTH / 2 ? [...Array(keys).keys()] : [];
  const groups: number[][] = [[]];
  for (const column of columns.keys()) {
    const group = groups.at(-1)!;
    const isFull = group.length > repeated.length && widthOf(columns, [...group, column]) > CONTENT_WIDTH + 0.5;
    if (isFull) groups.push([...repeated, column]);
    else group.push(column);
  }
  return groups;
}

function setGroup(
  pages: Pages,
  { numeric, rows }: ReadableTable,
  columns: readonly Column[],
  group: readonly number[],
  size: number,
): void {
  const lines = Math.max(...group.map((column) => columns[column]!.header.length));
  const headerHeight = lines * LINE + 5;
  const width = widthOf(columns, group);
  const rule = (weight: number) => {
    const { document } = pages;
    document.moveTo(PAGE.side, pages.y).lineTo(PAGE.side + width, pages.y);
    document
      .lineWidth(weight)
      .strokeColor(weight > 0.5 ? INK : HAIRLINE)
      .stroke();
  };
  const setLine = (texts: readonly string[], bold: boolean) => {
    let x: number = PAGE.side;
    for (const [i, column] of group.entries()) {
      const text = fitText(texts[i]!, columns[column]!.width, size, bold);
      const place = numeric[column] ? x + columns[column]!.width - textWidth(text, size, bold) : x;
      pages.document
        .font(bold ? 'bold' : 'regular')
        .fontSize(size)
        .fillColor(INK);
      pages.document.text(text, place, pages.y, { lineBreak: false });
      x += columns[column]!.width + GAP;
    }
    pages.y += LINE;
  };
  const setHeader = () => {
    rule(0.8);
    pages.y += 3;
    // Headers stand on one floor, however many lines they have.
    for (let line = 0; line < lines; line++)
      setLine(
        group.map((column) => columns[column]!.header[line - lines + columns[column]!.header.length] ?? ''),
        true,
      );
    rule(0.4);
    pages.y += 2;
  };
  pages.need(headerHeight + LINE * Math.min(FEWEST_ROWS, rows.length));
  setHeader();
  for (const row of rows) {
    if (pages.room < LINE + 2) {
      rule(0.8);
      pages.newPage();
      setHeader();
    }
    setLine(
      group.map((column) => row[column]!),
      false,
    );
  }
  rule(0.8);
}
