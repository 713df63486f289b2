import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { readWordList } from '../../../src-main/api/semantics/word-lists';
import { toSvg } from '../../../src-main/figures/drawing/svg';
import { readNpz } from '../../../src-main/files/npz';
import { openCheckpoint } from '../../../src-main/files/open-checkpoint';
import { readNiftiInfo } from '../../../src-main/fmri/nifti/read';
import { writeNifti } from '../../../src-main/fmri/nifti/write';
import { tableAsTsv } from '../../../src-main/report/derivative';
import { readLabels } from '../../../src-main/semantics/filter-labels/read-labels';
import { readNimareDataset } from '../../../src-main/semantics/meta-analysis/read-nimare';
import { imageSize, readImage } from '../../../src-main/stimulus/image-folder';
import { peaksAsTsv } from '../../../src-renderer/features/fbns/peaks-table';
import { peakMemory } from '../../fuzz/one-case';

/*
 * Attacks by name. Those on one reader only stand with it: external data of ONNX (test/unit/cnn/read-model.test.ts), opcodes of pickles
 * (test/unit/files/torch), links and ".." of paths (test/unit/api/workstation.test.ts), formulas in exports of annotations
 * (test/unit/api/annotations-reading.test.ts) and tables (test/unit/report/format-table.test.ts).
 */
const folder = mkdtempSync(join(tmpdir(), 'syncact-hostile-'));
const file = (name: string, content: Uint8Array | string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const MIB = 2 ** 20;

/** What reading takes in memory that was never taken before, in MiB. */
async function memoryOf(read: () => Promise<unknown>): Promise<number> {
  const before = peakMemory();
  await read();
  return (peakMemory() - before) / MIB;
}

test('a gzip bomb behind a small image is refused, in bounded memory', async () => {
  const image = join(folder, 'a.nii');
  const grid = { shape: [2, 2, 2] as [number, number, number], affine: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1] };
  await writeNifti(image, { grid, volumes: [new Float32Array(8)], count: 1, dataType: 'float32', spaceCode: 4 });
  // Members of one gzip file follow one another.
  const zeros = gzipSync(Buffer.alloc(64 * MIB));
  const bomb = file('bomb.nii.gz', Buffer.concat([gzipSync(Buffer.alloc(400)), ...Array<Buffer>(16).fill(zeros)]));
  await expect(readNiftiInfo(bomb, { verifyData: true })).rejects.toThrow(/NIfTI/);
  const behind = file('behind.nii.gz', Buffer.concat([gzipSync(readFileSync(image)), ...Array<Buffer>(16).fill(zeros)]));
  const used = await memoryOf(() => expect(readNiftiInfo(behind, { verifyData: true })).rejects.toThrow(/far more data/));
  expect(used).toBeLessThan(256);
});

test('a gzip bomb for a table, as one line and as many, is refused in bounded memory', async () => {
  const line = Buffer.alloc(64 * MIB, 'a');
  const oneLine = file('line.csv.gz', Buffer.concat([gzipSync('unit,label\n'), ...Array<Buffer>(8).fill(gzipSync(line))]));
  const used = await memoryOf(() => expect(readLabels(oneLine)).rejects.toThrow(/the table cannot be read/));
  expect(used).toBeLessThan(512);
});

test('a zip bomb for arrays or a checkpoint is refused before it is unpacked', async () => {
  const zeros = { 'archive/data.pkl': new Uint8Array(80 * MIB), 'a.npy': new Uint8Array(80 * MIB) };
  const bomb = file('bomb.zip', zipSync(zeros, { level: 1 }));
  expect(await memoryOf(() => expect(readNpz(bomb, { maximumBytes: MIB })).rejects.toThrow(/unpacks to too much/))).toBeLessThan(
    64,
  );
  await expect(openCheckpoint(bomb)).rejects.toThrow(/compressed or encrypted parts/);
});

test('a picture that claims more pixels than anybody has memory for is refused', async () => {
  const small = await sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } })
    .png()
    .toBuffer();
  const huge = Buffer.from(small);
  huge.writeUInt32BE(200_000, 16);
  huge.writeUInt32BE(200_000, 20);
  huge.writeUInt32BE(crc32(huge.subarray(12, 29)), 29);
  const bomb = file('bomb.png', huge);
  const used = await memoryOf(() =>
    expect(imageSize(bomb).then(() => readImage(bomb, 8, 8))).rejects.toMatchObject({ name: 'UserError' }),
  );
  expect(used).toBeLessThan(256);
});

test('names of the prototype in tables and JSON are names like any other', async () => {
  const tally =
    'unit,category,label,score,__proto__-label,__proto__-iou,constructor-label,constructor-iou\n0,__proto__,dog,1,a,0.5,b,0.25\n';
  const { layers } = await readLabels(file('tally.csv', tally));
  expect(layers[0]!.labels[0]).toMatchObject({ label: 'dog', category: '__proto__' });
  const units = '{"units":[{"unit":0,"label":"dog","iou":0.5,"__proto__":{"polluted":1}}],"__proto__":{"polluted":1}}';
  await readLabels(file('report.json', units));
  const contrast = '{"coords":{"space":"MNI","x":[4],"y":[4],"z":[4]},"labels":{"__proto__":1,"a":0.5}}';
  const dataset = file(
    'nimare.json',
    `{"__proto__":{"contrasts":{"constructor":${contrast}}},"b":{"contrasts":{"1":${contrast}}}}`,
  );
  await readNimareDataset(dataset, { threshold: 0.001, unknownSpace: 'mni' });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '=HYPERLINK("http://x")', '\tx'];

test('text that a spreadsheet would run is disarmed in derivatives, lists of words and peaks', async () => {
  for (const text of formulas) {
    const columns = [{ name: 'model', label: 'Model' }];
    const derivative = tableAsTsv({ columns, rows: [{ model: text }], caption: '' }).tsv.split('\n')[1]!;
    const cluster = { peak: [1, 2, 3], z: 4, voxels: 5, volume: 6, side: 'left', label: text };
    const peaks = peaksAsTsv({ fbns: [{ fbn: 0, clusters: [cluster] }] } as never);
    for (const cell of [derivative, peaks.split('\n')[1]!.split('\t').at(-1)!]) expect(cell).not.toMatch(/^[=+\-@\t]/);
  }
  // What was disarmed is the word again when it is read back.
  expect(await readWordList(file('words.tsv', "word\tkind\n'=1+1\tblocked\n"))).toEqual([['=1+1', 'blocked']]);
});

test('words and labels do not become markup in figures', async () => {
  const text = `</text><script>alert(1)</script><image href="http://x"/>"'&]]>`;
  const shape = { kind: 'text', x: 1, y: 1, text, size: 6, colour: '#000000' } as const;
  const svg = await toSvg({ width: 10, height: 10, title: text, shapes: [shape as never] }, JSON.stringify({ text }), false);
  expect(svg).not.toMatch(/<script|<image|http:\/\/x"/);
  expect(
    svg.match(/<(\w+)/g)!.every((tag) => ['<svg', '<title', '<metadata', '<defs', '<rect', '<g', '<text'].includes(tag)),
  ).toBe(true);
});

test('a folder where a file should be, a pipe and a device are refused, not waited for', async () => {
  mkdirSync(join(folder, 'folder.nii'));
  spawnSync('mkfifo', [join(folder, 'pipe.nii')]);
  for (const name of ['folder.nii', 'pipe.nii'])
    await expect(readNiftiInfo(join(folder, name), { verifyData: false })).rejects.toThrow(/a folder|a device or pipe/);
});
