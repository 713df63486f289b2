import PDFDocument from 'pdfkit';
import { fontFiles } from './fonts';
import type { Scene, Shape } from './scene';
import { encodeRaster, pathOf } from './svg';

/** No clock goes into a figure: the same input gives the same bytes. */
const NO_DATE = new Date(0);

/** A scene as one page of PDF with embedded fonts and selectable text; the provenance is attached as provenance.json. */
export async function toPdf(scene: Scene, provenance: string): Promise<Buffer> {
  const { width, height, title } = scene;
  return writePdf({ size: [width, height], margin: 0 }, title, provenance, (document) => drawScene(document, scene));
}

export type Document = InstanceType<typeof PDFDocument>;

/** A PDF in the program's own typeface (`regular`, `bold`), the same bytes every time, with the provenance attached. */
export async function writePdf(
  options: PDFKit.PDFDocumentOptions,
  title: string,
  provenance: string,
  fill: (document: Document) => Promise<void>,
): Promise<Buffer> {
  const document = new PDFDocument({
    ...{ compress: true, autoFirstPage: true, lang: 'en', displayTitle: true, ...options },
    info: { Title: title, Creator: 'Sync-ACT Workstation', Producer: 'PDFKit', CreationDate: NO_DATE, ModDate: NO_DATE },
  });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => document.on('end', resolve));
  document.registerFont('regular', fontFiles.regular).registerFont('bold', fontFiles.bold);
  await fill(document);
  document.file(Buffer.from(provenance), {
    ...{ name: 'provenance.json', type: 'application/json', description: 'How this was made' },
    ...{ creationDate: NO_DATE, modifiedDate: NO_DATE },
  });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

/** Draws a scene on white at the origin of a page as it stands (moved and scaled by who calls). */
export async function drawScene(document: Document, { width, height, shapes }: Scene): Promise<void> {
  document.rect(0, 0, width, height).fill('#ffffff');
  // PDFKit takes transparency apart asynchronously, and its objects would come in any order: pictures are opaque.
  const pictures = await Promise.all(
    shapes.map((shape) => shape.kind === 'image' && encodeRaster(shape.raster, shape.photo ?? false, true)),
  );
  for (const [i, shape] of shapes.entries()) draw(document, shape, pictures[i] || undefined);
}

function draw(document: Document, shape: Shape, picture: Buffer | undefined): void {
  document.save();
  switch (shape.kind) {
    case 'rectangle':
      paint(document.rect(shape.x, shape.y, shape.width, shape.height), shape);
      break;
    case 'circle':
      paint(document.circle(shape.x, shape.y, shape.radius), shape);
      break;
    case 'line':
      paint(document.path(pathOf(shape.points, shape.closed ?? false)).lineJoin('round'), shape);
      break;
    case 'text':
      drawText(document, shape);
      break;
    case 'image': {
      const { x, y, width, height } = shape;
      document.image(picture!, x, y, { width, height });
      break;
    }
  }
  document.restore();
}

function drawText(document: Document, shape: Extract<Shape, { kind: 'text' }>): void {
  const { x, y, text, size, bold, fill = '#16181c', anchor = 'start', rotate } = shape;
  document.font(bold ? 'bold' : 'regular').fontSize(size);
  const width = document.widthOfString(text);
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2;
  if (rotate) document.rotate(rotate, { origin: [x, y] });
  document.fillColor(fill).text(text, left, y, { lineBreak: false, baseline: 'alphabetic' });
}

function paint(document: Document, shape: Extract<Shape, { kind: 'rectangle' | 'circle' | 'line' }>): void {
  const { fill, stroke, strokeWidth = 0.5, dash, opacity } = shape;
  if (opacity !== undefined) document.opacity(opacity);
  document.lineWidth(strokeWidth);
  if (dash) document.dash(dash[0], { space: dash[1] });
  if (fill && stroke) document.fillAndStroke(fill, stroke);
  else if (fill) document.fill(fill);
  else if (stroke) document.stroke(stroke);
}
