import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../../../src-main/figures/drawing/fonts';
import { toPdf } from '../../../src-main/figures/drawing/pdf';
import { toPng } from '../../../src-main/figures/drawing/png';
import { toSvg } from '../../../src-main/figures/drawing/svg';
import { examples } from './example';

const provenance = JSON.stringify({ program: 'Sync-ACT Workstation', figure: { title: '<&>"' } });
/** Mean difference of pixels, in steps of 255, that rounding of another build of the renderer may make. */
const GOLDEN_TOLERANCE = 1.5;

describe.each(Object.entries(examples))('%s', { timeout: 120_000 }, (kind, draw) => {
  test('SVG is well formed, says its size in mm, keeps text as text and its provenance', async () => {
    const scene = draw();
    const svg = await toSvg(scene, provenance);
    expect(XMLValidator.validate(svg)).toBe(true);
    const { svg: root } = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', parseTagValue: false }).parse(svg);
    expect(Number.parseFloat(root.width)).toBeCloseTo(widthMm(kind), 2);
    expect(root.width).toMatch(/mm$/);
    expect(JSON.parse(decode(root.metadata))).toEqual(JSON.parse(provenance));
    // What journals ask for, where the text is set in 6 points.
    const sizes = scene.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.size] : []));
    expect([Math.min(...sizes) >= 5, Math.max(...sizes) <= 7]).toEqual([true, true]);
    const texts = [root.g.text].flat().map((one: { '#text': string | number }) => decode(String(one['#text'])));
    const wanted = scene.shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text.trim()] : []));
    expect(texts).toEqual(wanted);
    expect(root.defs.style).toContain('data:font/woff2;base64,');
  });

  test('PDF has the size, selectable text, embedded fonts, and its provenance attached', async () => {
    const scene = draw();
    const pdf = await toPdf(scene, provenance);
    const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise;
    const page = await document.getPage(1);
    const [, , width, height] = page.view;
    expect(width! / 72).toBeCloseTo(widthMm(kind) / 25.4, 2);
    expect(height).toBeCloseTo(scene.height, 1);
    const items = (await page.getTextContent()).items.map((item) => ('str' in item ? item.str : ''));
    const found = items.join('').replaceAll(/\s/g, '');
    for (const shape of scene.shapes) if (shape.kind === 'text') expect(found).toContain(shape.text.replaceAll(/\s/g, ''));
    const attached = (await document.getAttachments()) as Record<string, { content: Uint8Array }>;
    expect(JSON.parse(Buffer.from(attached['provenance.json']!.content).toString())).toEqual(JSON.parse(provenance));
    expect(pdf.toString('latin1')).toContain('/FontFile2');
    await document.destroy();
  });

  test('PNG has the pixels and the resolution asked for, and its provenance', async () => {
    const scene = draw();
    const png = await toPng(scene, provenance, 300);
    const metadata = await sharp(png).metadata();
    expect(metadata.width).toBe(Math.round((widthMm(kind) / 25.4) * 300));
    expect(metadata.density).toBe(300);
    expect(decode(metadata.xmpAsString ?? metadata.xmp!.toString())).toContain(provenance);
  });

  test('looks as it looked', async () => {
    const file = join(import.meta.dirname, '../../fixtures/figures', `${kind.replace(' ', '-')}.png`);
    const png = await toPng(draw(), '', 100);
    if (process.env.SYNCACT_RENEW_GOLDENS) writeFileSync(file, await sharp(png).keepMetadata().png({ palette: true }).toBuffer());
    expect(existsSync(file), `no golden image ${file}: make it with SYNCACT_RENEW_GOLDENS=1 and look at it`).toBe(true);
    const [golden, found] = await Promise.all([pixels(readFileSync(file)), pixels(png)]);
    expect(found.info).toMatchObject({ width: golden.info.width, height: golden.info.height });
    let difference = 0;
    for (let i = 0; i < golden.data.length; i++) difference += Math.abs(golden.data[i]! - found.data[i]!);
    expect(difference / golden.data.length).toBeLessThan(GOLDEN_TOLERANCE);
  });

  test('the same input gives the same bytes', async () => {
    const [one, other] = [draw(), draw()];
    expect(await toSvg(one, provenance)).toBe(await toSvg(other, provenance));
    expect(await toPdf(one, provenance)).toEqual(await toPdf(other, provenance));
    expect(await toPng(one, provenance, 100)).toEqual(await toPng(other, provenance, 100));
  });

  test('no text leaves the page', () => {
    const scene = draw();
    for (const shape of scene.shapes) {
      if (shape.kind !== 'text' || shape.rotate) continue;
      const width = textWidth(shape.text, shape.size, shape.bold);
      const left = shape.x - { start: 0, middle: width / 2, end: width }[shape.anchor ?? 'start'];
      expect(left, shape.text).toBeGreaterThanOrEqual(-0.5);
      expect(left + width, shape.text).toBeLessThanOrEqual(scene.width + 0.5);
      expect(shape.y, shape.text).toBeLessThanOrEqual(scene.height + 0.5);
    }
  });
});

/** Of one column of a journal, and of two. */
function widthMm(kind: string): number {
  return kind.startsWith('narrow') ? 89 : 183;
}

function pixels(image: Buffer) {
  return sharp(image).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
}

function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
}
