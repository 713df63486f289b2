import type { Random } from './random';
import * as draw from './scene-drawing';

/** Size of the phantom's movies in pixels. */
export const FRAME_WIDTH = 320;
export const FRAME_HEIGHT = 180;

/** A picture that moves over the frame. */
export interface SceneLayer {
  /** An SVG document of the size given. */
  svg: string;
  width: number;
  height: number;
  /** Place of its upper left corner at the start, in pixels. */
  x: number;
  y: number;
  /** Its velocity in pixels per second. */
  velocityX: number;
  velocityY: number;
  /** Opacity over time: mean · (1 + depth · sin(2π (t / period + phase))), t and period in seconds. */
  opacity: { mean: number; depth: number; period: number; phase: number };
}

/** A continuous part of a movie between two cuts. */
export interface Scene {
  seconds: number;
  layers: SceneLayer[];
}

/** Hues in degrees that skies, grounds and balloons come in: red, yellow, green, cyan, blue, magenta. */
const HUES = [0, 55, 120, 180, 230, 305];

/**
 * A scene of 2 to 5 seconds: a sky, a ground, and things that are there or not independently of each other, so that no colour or
 * texture always comes with another.
 */
export function createScene(random: Random): Scene {
  const seconds = random.between(2, 5);
  const layers = [landscape(random)];
  for (const [probability, create] of THINGS) if (random.chance(probability)) layers.push(create(random));
  return { seconds, layers };
}

type CreateLayer = (random: Random) => SceneLayer;

/** What may be in a scene, from the back to the front, and how often. */
const THINGS: [probability: number, create: CreateLayer][] = [
  [0.3, (random) => small(random, draw.disc(8, 'hsl(50, 60%, 92%)'), [20, 280], [8, 45])],
  [0.25, (random) => patch(random, { width: 150, height: 60 }, [95, 120], stripes(random, 'coarse', random.choose([30, 150])))],
  [0.3, (random) => patch(random, { width: 300, height: 55 }, [120, 130], stripes(random, 'coarse', 0))],
  [0.3, (random) => patch(random, { width: 130, height: 95 }, [35, 60], stripes(random, 'coarse', 90))],
  [
    0.25,
    (random) =>
      patch(random, { width: 80, height: 70 }, [50, 70], draw.windows(12, grey(random, 0.15, 0.35), 'hsl(45, 70%, 85%)')),
  ],
  [0.25, (random) => patch(random, { width: 80, height: 60 }, [60, 90], stripes(random, 'fine', 0))],
  [0.25, (random) => patch(random, { width: 140, height: 40 }, [110, 130], stripes(random, 'fine', 90))],
  [0.2, (random) => patch(random, { width: 110, height: 50 }, [70, 110], draw.net(12, grey(random, 0.05, 0.2)))],
  ...HUES.map((hue): [number, CreateLayer] => [0.13, (random) => balloon(random, hue)]),
  [0.25, (random) => small(random, draw.disc(8, 'hsl(0, 0%, 6%)'), [20, 280], [20, 140])],
  [0.2, (random) => falling(random, draw.spots(random, 'hsl(0, 0%, 97%)'))],
  [0.2, (random) => falling(random, draw.spots(random, 'hsl(0, 0%, 5%)'))],
  [0.15, (random) => rain(random, 60)],
  [0.15, (random) => rain(random, 120)],
];

function landscape(random: Random): SceneLayer {
  const [width, height] = [FRAME_WIDTH + 80, FRAME_HEIGHT];
  const svg = draw.landscape(random, { width, height, skyHue: hueOrGrey(random), groundHue: hueOrGrey(random) });
  return { svg, width, height, x: -40, y: 0, velocityX: random.between(-5, 5), velocityY: 0, opacity: steady(1) };
}

/** A hue with its saturation; one in four skies and grounds is grey. */
function hueOrGrey(random: Random): draw.Colour {
  if (random.chance(0.25)) return { hue: 0, saturation: 0 };
  return { hue: random.choose(HUES), saturation: random.between(0.5, 0.9) };
}

function patch(random: Random, size: { width: number; height: number }, y: [number, number], texture: draw.Texture): SceneLayer {
  const factor = random.between(0.8, 1.2);
  const [width, height] = [Math.round(size.width * factor), Math.round(size.height * factor)];
  const x = random.between(Math.min(0, FRAME_WIDTH - width), Math.max(0, FRAME_WIDTH - width));
  return {
    svg: draw.texturedPatch(width, height, texture),
    ...{ width, height, x, y: random.between(...y) },
    ...drift(random, 8, 0),
    opacity: pulsing(random, 0.75, 0.3),
  };
}

function stripes(random: Random, scale: 'fine' | 'coarse', orientation: number): draw.Texture {
  const light = random.between(0.6, 0.9);
  const colour = random.chance(0.5) ? { hue: 0, saturation: 0 } : { hue: random.choose(HUES), saturation: 0.35 };
  return draw.stripes(
    orientation,
    scale === 'fine' ? 6 : 12,
    draw.css(colour, light),
    draw.css(colour, light - random.between(0.3, 0.5)),
  );
}

function small(random: Random, svg: draw.Drawing, x: [number, number], y: [number, number]): SceneLayer {
  return {
    ...svg,
    x: random.between(...x),
    y: random.between(...y),
    ...drift(random, 12, 4),
    opacity: pulsing(random, 0.8, 0.25),
  };
}

function balloon(random: Random, hue: number): SceneLayer {
  const svg = draw.balloon(random.between(24, 34), { hue, saturation: random.between(0.85, 1) });
  return {
    ...svg,
    x: random.between(10, 230),
    y: random.between(5, 90),
    ...drift(random, 10, 5),
    opacity: pulsing(random, 0.85, 0.15),
  };
}

/** Snow or a swarm: spots over more than the frame, that move through it. */
function falling(random: Random, svg: draw.Drawing): SceneLayer {
  const velocityY = random.between(6, 12);
  return {
    ...svg,
    x: -20,
    y: FRAME_HEIGHT - svg.height,
    velocityX: random.between(-3, 3),
    velocityY,
    opacity: pulsing(random, 0.7, 0.4),
  };
}

function rain(random: Random, orientation: number): SceneLayer {
  const [width, height] = [FRAME_WIDTH + 80, FRAME_HEIGHT + 80];
  const texture = draw.stripes(orientation, 6, 'hsla(210, 20%, 95%, 0.55)', 'hsla(210, 20%, 10%, 0.35)');
  return {
    ...{ svg: draw.texturedPatch(width, height, texture), width, height, x: -40, y: -70 },
    ...{ velocityX: random.between(-2, 2), velocityY: random.between(4, 8) },
    opacity: pulsing(random, 0.6, 0.45),
  };
}

function grey(random: Random, low: number, high: number): string {
  return draw.css({ hue: 0, saturation: 0 }, random.between(low, high));
}

function drift(random: Random, horizontal: number, vertical: number): Pick<SceneLayer, 'velocityX' | 'velocityY'> {
  return { velocityX: random.between(-horizontal, horizontal), velocityY: random.between(-vertical, vertical) };
}

function steady(mean: number): SceneLayer['opacity'] {
  return { mean, depth: 0, period: 1, phase: 0 };
}

function pulsing(random: Random, mean: number, depth: number): SceneLayer['opacity'] {
  return { mean, depth: random.between(0, depth), period: random.between(4, 12), phase: random.uniform() };
}
