import { INK, QUIET } from '../../figures/drawing/colours';
import type { Document } from '../../figures/drawing/pdf';

/** A4 in points, with margins between which a figure of two columns (183 mm) fits as it is. */
export const PAGE = { width: 595.28, height: 841.89, side: 38, top: 44, bottom: 48 } as const;
export const CONTENT_WIDTH = PAGE.width - 2 * PAGE.side;
const BODY = 9;
const LINE_GAP = 2;

/** Fills pages from top to bottom. */
export class Pages {
  y: number = PAGE.top;

  constructor(readonly document: Document) {}

  /** What is left of the page. */
  get room(): number {
    return PAGE.height - PAGE.bottom - this.y;
  }

  newPage(): void {
    this.document.addPage();
    this.y = PAGE.top;
  }

  /** Begins a new page where less than that is left. @param height in points */
  need(height: number): void {
    if (this.room < height) this.newPage();
  }

  /** A heading, with a bookmark. @param kept what must fit beneath it on the same page */
  heading(text: string, size: number, kept = 60): void {
    this.need(size * 2 + kept);
    this.document.outline.addItem(text);
    this.y += this.y > PAGE.top ? size : 0;
    this.text(text, { size, bold: true });
    this.y += size * 0.3;
  }

  /** A paragraph, over as many pages as it takes. */
  text(text: string, { size = BODY, bold = false, quiet = false, width = CONTENT_WIDTH } = {}): void {
    const { document } = this;
    document.font(bold ? 'bold' : 'regular').fontSize(size);
    this.need(document.currentLineHeight(true));
    document.fillColor(quiet ? QUIET : INK).text(text, PAGE.side, this.y, { width, lineGap: LINE_GAP });
    this.y = document.y;
  }

  gap(points: number): void {
    this.y += points;
  }
}

/** Numbers every page, once all are there. */
export function numberPages(document: Document, title: string): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Beneath the bottom margin PDFKit would begin a new page.
    document.page.margins.bottom = 0;
    const at = PAGE.height - 30;
    document.font('regular').fontSize(7).fillColor(QUIET);
    document.text(title, PAGE.side, at, { lineBreak: false, ellipsis: true, width: CONTENT_WIDTH - 60 });
    const place = `${page + 1} / ${count}`;
    document.text(place, PAGE.width - PAGE.side - document.widthOfString(place), at, { lineBreak: false });
  }
}
