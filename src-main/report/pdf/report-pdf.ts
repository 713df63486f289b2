import type { ReportTask } from '../../../src-preload/shared/contract/report';
import { drawScene, writePdf } from '../../figures/drawing/pdf';
import type { Scene } from '../../figures/drawing/scene';
import { CONTENT_WIDTH, numberPages, PAGE, Pages } from './pages';
import { setTable } from './table';

/** A report before it is written as PDF. */
export interface PdfReport extends Pick<ReportTask, 'title' | 'facts' | 'methods' | 'tables'> {
  figures: { caption: string; scene: Scene }[];
  /** JSON. */
  provenance: string;
}

/** Points that a caption is given. */
const CAPTION = 36;
const HEADING = 28;

/** A report on A4 pages: text that can be selected, figures as vectors, bookmarks, and the provenance attached. */
export function pdfReport(report: PdfReport): Promise<Buffer> {
  const { title, facts, methods, tables, figures, provenance } = report;
  const margins = { left: PAGE.side, right: PAGE.side, top: PAGE.top, bottom: PAGE.bottom };
  return writePdf({ size: [PAGE.width, PAGE.height], margins, bufferPages: true }, title, provenance, async (document) => {
    const pages = new Pages(document);
    pages.heading(title, 16);
    for (const { name, value } of facts) pages.text(`${name}: ${value}`, { quiet: true });
    pages.heading('Methods', 12);
    pages.text(methods.text);
    pages.gap(4);
    for (const [i, reference] of methods.references.entries()) pages.text(`[${i + 1}] ${reference}`, { size: 8, quiet: true });
    if (figures.length > 0) pages.heading('Figures', 12, sizeOf(figures[0]!.scene).height + CAPTION);
    for (const [i, figure] of figures.entries()) await setFigure(pages, figure, i + 1);
    for (const table of tables) {
      pages.heading(table.title, 10);
      pages.text(table.caption, { size: 8, quiet: true });
      pages.gap(4);
      setTable(pages, table);
      for (const note of table.notes) pages.text(note, { size: 8, quiet: true });
    }
    numberPages(document, title);
  });
}

/** As large as it was drawn where that fits on a page with heading and caption, else smaller. */
function sizeOf({ width, height }: Scene): { scale: number; width: number; height: number } {
  const most = PAGE.height - PAGE.top - PAGE.bottom - CAPTION - HEADING;
  const scale = Math.min(1, CONTENT_WIDTH / width, most / height);
  return { scale, width: width * scale, height: height * scale };
}

async function setFigure(pages: Pages, { caption, scene }: PdfReport['figures'][number], number: number): Promise<void> {
  const { scale, width, height } = sizeOf(scene);
  pages.need(height + CAPTION);
  const { document } = pages;
  document.save();
  document.translate(PAGE.side + (CONTENT_WIDTH - width) / 2, pages.y).scale(scale);
  await drawScene(document, scene);
  document.restore();
  pages.gap(height + 4);
  pages.text(`Figure ${number}. ${caption}`, { size: 8 });
  pages.gap(12);
}
