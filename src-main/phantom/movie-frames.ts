import sharp from 'sharp';
import { FRAME_HEIGHT, FRAME_WIDTH, type Scene, type SceneLayer } from './scene';

interface Picture {
  /** RGBA, row-major. */
  pixels: Uint8Array;
  layer: SceneLayer;
}

/**
 * Draws a scene frame by frame.
 * @param framesPerSecond of the movie
 * @param count frames wanted; the scene goes on past its length where it must
 * @returns RGB [FRAME_HEIGHT × FRAME_WIDTH × 3]; the same memory each time
 */
export async function* drawFrames(scene: Scene, framesPerSecond: number, count: number): AsyncGenerator<Uint8Array> {
  const pictures = await Promise.all(scene.layers.map(renderLayer));
  const frame = new Uint8Array(FRAME_WIDTH * FRAME_HEIGHT * 3);
  for (let i = 0; i < count; i++) {
    frame.fill(0);
    for (const picture of pictures) compose(frame, picture, i / framesPerSecond);
    yield frame;
  }
}

async function renderLayer(layer: SceneLayer): Promise<Picture> {
  const { data } = await sharp(Buffer.from(layer.svg)).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { pixels: data, layer };
}

/** Lays a picture over a frame, at whole pixels. @param seconds since the scene began */
function compose(frame: Uint8Array, { pixels, layer }: Picture, seconds: number): void {
  const left = Math.round(layer.x + layer.velocityX * seconds);
  const top = Math.round(layer.y + layer.velocityY * seconds);
  const { mean, depth, period, phase } = layer.opacity;
  const opacity = Math.min(1, mean * (1 + depth * Math.sin(2 * Math.PI * (seconds / period + phase))));
  const firstX = Math.max(0, left);
  const lastX = Math.min(FRAME_WIDTH, left + layer.width);
  for (let y = Math.max(0, top); y < Math.min(FRAME_HEIGHT, top + layer.height); y++) {
    let source = ((y - top) * layer.width + firstX - left) * 4;
    let target = (y * FRAME_WIDTH + firstX) * 3;
    for (let x = firstX; x < lastX; x++, source += 4, target += 3) {
      const alpha = (pixels[source + 3]! / 255) * opacity;
      if (alpha === 0) continue;
      for (let c = 0; c < 3; c++) frame[target + c]! += (pixels[source + c]! - frame[target + c]!) * alpha;
    }
  }
}
