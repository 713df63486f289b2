import type { Place } from './brain';
import type { Random } from './random';

/** A patch of cortex with the shape of a Gaussian. */
export interface Blob {
  centre: Place;
  /** Standard deviation in mm. */
  sigma: number;
}

/** A network of the phantom: a map made of blobs on both sides. */
export interface Network {
  /** The places it covers: "calcarine + auditory". */
  name: string;
  blobs: Blob[];
  /** Per voxel, 1 at the centre of a blob, 0 far from all. */
  map: Float32Array;
}

/** Where networks may lie: the right one of each pair of places. */
const PLACES: readonly (readonly [name: string, place: Place])[] = [
  ['calcarine', [9, -82, 4]],
  ['lateral occipital', [42, -76, -4]],
  ['fusiform', [38, -54, -18]],
  ['middle temporal motion area', [48, -62, 8]],
  ['intraparietal', [28, -60, 48]],
  ['frontal eye field', [28, -4, 52]],
  ['auditory', [52, -22, 8]],
  ['anterior temporal', [48, 6, -22]],
  ['inferior frontal', [48, 20, 16]],
  ['dorsolateral prefrontal', [36, 38, 28]],
  ['precuneus', [8, -60, 38]],
  ['medial prefrontal', [8, 50, 12]],
  ['motor hand area', [40, -22, 54]],
  ['supplementary motor', [7, -4, 60]],
  ['insula', [36, 8, 0]],
  ['temporoparietal', [54, -46, 26]],
  ['parahippocampal', [26, -36, -12]],
  ['orbitofrontal', [26, 34, -14]],
  ['anterior cingulate', [7, 26, 28]],
  ['cuneus', [9, -86, 28]],
  ['cerebellar', [26, -64, -36]],
  ['somatosensory mouth area', [56, -10, 30]],
];
/** Sum of the squared values of a map: 250 voxels' worth of a blob's centre, the same for every network. */
const ENERGY = 250;
/** Largest cosine between two maps. */
const MOST_OVERLAP = 0.25;
/** Values below this are 0: a network has an edge. */
const EDGE = 0.05;
/** Probability that a network has a second pair of places. */
const SECOND_PLACE = 0.5;
const MAX_TRIES = 200;

/**
 * Draws networks of one or two pairs of places each, with some overlap between them. All get the same energy: an autoencoder
 * finds strong networks first and gives them more FBNs, which would make recovery a matter of size.
 * @param places centres of the voxels in mm, [voxels × 3]
 * @throws RangeError where there is no room for so many
 */
export function createNetworks(random: Random, places: Float32Array, count: number): Network[] {
  const networks: Network[] = [];
  let left = [...PLACES];
  for (let tries = 0; networks.length < count; tries++) {
    if (tries === MAX_TRIES || count > PLACES.length) throw new RangeError(`there is no room for ${count} networks`);
    // Every network still to come needs a place.
    const second = left.length > count - networks.length && random.chance(SECOND_PLACE);
    const chosen = takeRandom(random, left, second ? 2 : 1);
    const network = drawNetwork(random, places, chosen);
    if (networks.some(({ map }) => cosine(map, network.map) > MOST_OVERLAP)) continue;
    networks.push(network);
    left = left.filter((place) => !chosen.includes(place));
  }
  return networks;
}

type NamedPlace = (typeof PLACES)[number];

function takeRandom(random: Random, from: readonly NamedPlace[], count: number): NamedPlace[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(Math.floor(random.uniform() * left.length), 1)[0]!);
}

function drawNetwork(random: Random, places: Float32Array, chosen: readonly NamedPlace[]): Network {
  const shapes = chosen.flatMap(([, [x, y, z]]) => {
    const place: Place = [x + random.between(-3, 3), y + random.between(-4, 4), z + random.between(-4, 4)];
    const size = random.between(0.85, 1.15);
    return [-1, 1].map((side) => ({ centre: [side * place[0], place[1], place[2]] as Place, sigma: size }));
  });
  // Energy grows with size: the size that has the energy wanted is found by halving.
  let [low, high] = [4, 30];
  for (let step = 0; step < 12; step++) {
    const middle = (low + high) / 2;
    const energy = drawMap(places, grown(shapes, middle)).reduce((sum, value) => sum + value * value, 0);
    if (energy < ENERGY) low = middle;
    else high = middle;
  }
  const blobs = grown(shapes, low);
  return { name: chosen.map(([name]) => name).join(' + '), blobs, map: drawMap(places, blobs) };
}

function grown(blobs: readonly Blob[], factor: number): Blob[] {
  return blobs.map(({ centre, sigma }) => ({ centre, sigma: sigma * factor }));
}

/**
 * The map of blobs.
 * @param places centres of the voxels in mm, [voxels × 3]
 * @param shift displaces all blobs, in mm
 */
export function drawMap(places: Float32Array, blobs: readonly Blob[], shift: Place = [0, 0, 0]): Float32Array {
  const map = new Float32Array(places.length / 3);
  for (const { centre, sigma } of blobs) {
    const [cx, cy, cz] = [centre[0] + shift[0], centre[1] + shift[1], centre[2] + shift[2]];
    const reach = -2 * sigma * sigma * Math.log(EDGE);
    for (let n = 0; n < map.length; n++) {
      const distance = (places[3 * n]! - cx) ** 2 + (places[3 * n + 1]! - cy) ** 2 + (places[3 * n + 2]! - cz) ** 2;
      if (distance < reach) map[n] = Math.max(map[n]!, Math.exp(-distance / (2 * sigma * sigma)));
    }
  }
  return map;
}

/** Where a map is largest, in mm. */
export function peakOf(map: Float32Array, places: Float32Array): Place {
  let peak = 0;
  for (let n = 1; n < map.length; n++) if (map[n]! > map[peak]!) peak = n;
  return [places[3 * peak]!, places[3 * peak + 1]!, places[3 * peak + 2]!];
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let n = 0; n < a.length; n++) {
    ab += a[n]! * b[n]!;
    aa += a[n]! ** 2;
    bb += b[n]! ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}
