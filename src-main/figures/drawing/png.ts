import { Resvg } from '@resvg/resvg-js';
import sharp from 'sharp';
import { FONT_FAMILY, fontFiles } from './fonts';
import type { Raster, Scene } from './scene';
import { escapeXml, toSvg } from './svg';

/** A scene as pixels; only the program's own typeface is used, so that every machine draws the same. */
export async function toRaster(scene: Scene, dpi: number): Promise<Raster> {
  const renderer = new Resvg(await toSvg(scene, '', false), {
    fitTo: { mode: 'width', value: Math.round((scene.width * dpi) / 72) },
    font: { fontFiles: [fontFiles.regular, fontFiles.bold], loadSystemFonts: false, defaultFontFamily: FONT_FAMILY },
  });
  const { width, height, pixels } = renderer.render();
  return { width, height, rgba: pixels };
}

/** A scene as PNG that says its resolution; the provenance lies in its XMP. */
export async function toPng(scene: Scene, provenance: string, dpi: number): Promise<Buffer> {
  const { width, height, rgba } = await toRaster(scene, dpi);
  return sharp(rgba, { raw: { width, height, channels: 4 } })
    .flatten({ background: '#ffffff' })
    .withMetadata({ density: dpi })
    .withXmp(xmpOf(scene.title, provenance))
    .png({ compressionLevel: 4 })
    .toBuffer();
}

/** The least an XMP reader takes: title and description of the Dublin Core. */
function xmpOf(title: string, provenance: string): string {
  const entry = (name: string, text: string) =>
    `<dc:${name}><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt></dc:${name}>`;
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">${entry('title', title)}${entry('description', provenance)}</rdf:Description>`,
    '</rdf:RDF></x:xmpmeta>',
    '<?xpacket end="w"?>',
  ].join('\n');
}
