import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../src-main/engines/onnxruntime';
import { readMask, type Mask } from '../../src-main/fmri/mask';
import { decodeMaps } from '../../src-main/semantics/decode';
import { computeTermMaps } from '../../src-main/semantics/meta-analysis/compute-term-maps';
import { chooseVocabulary } from '../../src-main/semantics/meta-analysis/find-files';
import { readDatabase, usualThreshold, type MetaAnalyticDatabase } from '../../src-main/semantics/meta-analysis/read-database';
import { openTermMaps, type TermMaps } from '../../src-main/semantics/meta-analysis/term-map-file';
import { studiesOfTerm } from '../../src-main/semantics/meta-analysis/term-studies';
import { MNI_4MM } from '../../src-preload/shared/domain/grid';
import { quietContext } from '../../src-preload/shared/domain/work';
import { realdataAvailable, realdataPath } from './realdata-folder';

type Place = [x: number, y: number, z: number];

/** Topics and where they must be strongest, in MNI mm; a peak counts within 12 mm of it. */
const places: { topic: string; peaks: Place[] }[] = [
  // Both superior temporal gyri.
  {
    topic: '6_auditory_speech_temporal',
    peaks: [
      [-58, -20, 4],
      [60, -20, 4],
    ],
  },
  // Motion area of the occipital cortex, both sides.
  {
    topic: '45_motion_perception_visual',
    peaks: [
      [48, -66, 2],
      [-46, -70, 2],
    ],
  },
  // Hand knob of the left precentral gyrus (Yousry et al. 1997).
  { topic: '17_motor_cortex_hand', peaks: [[-38, -22, 58]] },
];

describe.skipIf(!realdataAvailable)('Neurosynth version 7', () => {
  let folder: string;
  let mask: Mask;
  let database: MetaAnalyticDatabase;
  let maps: TermMaps;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neurosynth-'));
    mask = await readMask(realdataPath('volumes/2mm-MNI152-2009fsl-mask.nii.gz'), MNI_4MM);
    const files = chooseVocabulary(realdataPath('neurosynth'), undefined);
    database = await readDatabase(files, { threshold: usualThreshold(files.featureType), unknownSpace: 'mni' });
    const output = join(folder, 'topics.safetensors');
    await computeTermMaps({ database, mask, output, pieces: join(folder, 'pieces') }, quietContext());
    maps = await openTermMaps(output);
  }, 600_000);
  afterAll(async () => {
    await maps?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const mmOf = (voxel: number): Place => {
    const [nx, ny] = MNI_4MM.shape;
    return [-90 + 4 * (voxel % nx), -126 + 4 * (Math.floor(voxel / nx) % ny), -72 + 4 * Math.floor(voxel / (nx * ny))];
  };
  const distance = (a: Place, b: Place) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

  test('holds what its documentation says', () => {
    const { summary } = database.studies;
    expect(summary).toMatchObject({ studies: 14371, peaks: 507891, unreadablePeaks: 0 });
    expect(summary.spaces).toEqual({ MNI: 10204, TAL: 2335, UNKNOWN: 1832 });
    expect(database.terms.length).toBe(50);
    expect(database.topicWords![6]!.slice(0, 3)).toEqual(['auditory', 'speech', 'temporal']);
  });

  test.each(places)('$topic is strongest where it should be', async ({ topic, peaks }) => {
    const map = await maps.map('association', maps.terms.indexOf(topic));
    for (const peak of peaks) {
      const side = Math.sign(peak[0]);
      const best = [...map.keys()]
        .filter((voxel) => Math.sign(mmOf(mask.voxels[voxel]!)[0]) === side)
        .reduce((a, b) => (map[a]! >= map[b]! ? a : b));
      expect(distance(mmOf(mask.voxels[best]!), peak)).toBeLessThan(12);
      expect(map[best]).toBeGreaterThan(15);
    }
  });

  test('the visual topic is occipital: its ten strongest voxels lie behind y = −60', async () => {
    const map = await maps.map('association', maps.terms.indexOf('42_visual_cortex_sensory'));
    const order = [...map.keys()].sort((a, b) => map[b]! - map[a]!).slice(0, 10);
    for (const voxel of order) expect(mmOf(mask.voxels[voxel]!)[1]).toBeLessThan(-60);
  });

  test('an FBN placed there decodes to the topic first', async () => {
    const fbns = { rows: places.length, columns: mask.voxels.length, data: new Float32Array(places.length * mask.voxels.length) };
    for (const [fbn, { peaks }] of places.entries()) {
      for (const [voxel, at] of mask.voxels.entries()) {
        const near = Math.min(...peaks.map((peak) => distance(mmOf(at), peak)));
        fbns.data[fbn * fbns.columns + voxel] = Math.exp(-(near ** 2) / (2 * 12 ** 2));
      }
    }
    const r = await decodeMaps(fbns, mask, maps, onnxruntimeEngine, quietContext());
    for (const [fbn, { topic }] of places.entries()) {
      const row = r.data.subarray(fbn * 50, (fbn + 1) * 50);
      expect(maps.terms[row.indexOf(Math.max(...row))]).toBe(topic);
      expect(Math.max(...row)).toBeGreaterThan(0.4);
    }
  });

  test('the small sample runs the sparse tf-idf path', async () => {
    const files = chooseVocabulary(realdataPath('neurosynth/small'), undefined);
    expect(files.featureType).toBe('tfidf');
    const small = await readDatabase(files, { threshold: usualThreshold('tfidf'), unknownSpace: 'skip' });
    expect(small.studies.ids.length).toBe(20);
    expect(small.terms.length).toBe(100);
    const output = join(folder, 'small.safetensors');
    const { studies } = await computeTermMaps({ database: small, mask, output, pieces: join(folder, 'small') }, quietContext());
    expect(studies.reduce((sum, count) => sum + count, 0)).toBe(42);
    const used = small.terms.findIndex((_, term) => studiesOfTerm(small.termStudies, term).length > 1);
    const written = await openTermMaps(output);
    const map = await written.map('association', used);
    expect(map.some((value) => value > 1)).toBe(true);
    // A term that no study uses has an empty map.
    const unused = small.terms.findIndex((_, term) => studiesOfTerm(small.termStudies, term).length === 0);
    expect((await written.map('association', unused)).every((value) => value === 0)).toBe(true);
    await written.close();
  });
});
