import type { FigureTask } from '../../../src-preload/shared/contract/figures';
import { averageBackground } from '../../figures/brain/background';
import { BrainPainter, type Brain, type BrainStyle } from '../../figures/brain/draw-brain';
import { readMask } from '../../fmri/mask';
import { readSingleVolume } from '../../fmri/nifti/read';

/** What draws the maps of a figure: over its runs' mean image, or over a template. */
export async function createPainter(
  { mask: file, background }: NonNullable<FigureTask['brain']>,
  { dpi, palette, radiological, glass }: BrainStyle,
): Promise<BrainPainter> {
  const mask = await readMask(file);
  const drawn: Brain = {
    ...{ voxels: mask.voxels, grid: mask.grid },
    background:
      'template' in background ? await readTemplate(background.template) : await averageBackground(background.means, mask),
  };
  return new BrainPainter(drawn, { dpi, palette, radiological, glass });
}

/** A template's brightness in [0, 1] up to its 98th percentile; nothing where it is 0 or less. */
async function readTemplate(path: string): Promise<Brain['background']> {
  const { header, values } = await readSingleVolume(path);
  const inside = Float32Array.from(values)
    .filter((value) => value > 0)
    .sort();
  const bright = inside[Math.floor(0.98 * (inside.length - 1))] || 1;
  return { grid: header.grid, values: Float32Array.from(values, (value) => (value > 0 ? Math.min(1, value / bright) : NaN)) };
}
