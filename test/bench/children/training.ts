import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { RunFiles } from '../../../src-main/compute/run-files';
import type { EmbeddingSettings } from '../../../src-main/embedding/settings';
import { median } from '../benchmark';
import { trainEmbedding } from '../../../src-main/embedding/train';
import { onnxruntimeEngine } from '../../../src-main/engines/onnxruntime';

/** What a training in a process of its own is asked. */
export interface ChildRequest {
  folder: string;
  /** Names of run files in the folder. */
  files: string[];
  settings: Partial<EmbeddingSettings>;
  /** Memory for runs from epoch to epoch. */
  keepBytes: number;
  /** Whether the system is made to forget the files before every epoch, so that they come from the disk. */
  cold: boolean;
}

/** What it finds. */
export interface ChildResult {
  /** Median over the epochs but the first, which reads and allocates; of the first where there is no other. All else included. */
  secondsPerEpoch: number;
  peakBytes: number;
  /** Whether the files could be forgotten where that was asked for. */
  cold: boolean;
}

/* Trains on run files and prints what it took as JSON. In a process of its own, since peak memory is a process's. */
const request = JSON.parse(process.argv[2] ?? '') as ChildRequest;
const checkpointFolder = mkdtempSync(join(tmpdir(), 'syncact-bench-checkpoints-'));
const files = new RunFiles(request.folder, false);
let isCold = request.cold;
try {
  forget();
  const train = await files.open(request.files.map((file) => ({ name: file, file })));
  const { voxels } = train[0]!;
  const place = { engine: onnxruntimeEngine, device: 'cpu' as const };
  const { settings, keepBytes } = request;
  const asked = { ...place, train, validation: [], voxels, settings, keepBytes, checkpointFolder };
  const { epochs } = await trainEmbedding(asked, quietContext(), forget);
  const seconds = epochs.map((epoch) => epoch.seconds);
  const result: ChildResult = {
    ...{
      secondsPerEpoch: median(seconds.length > 1 ? seconds.slice(1) : seconds),
      peakBytes: process.resourceUsage().maxRSS * 1024,
      cold: isCold,
    },
  };
  console.log(JSON.stringify(result));
} finally {
  await files.close();
  rmSync(checkpointFolder, { recursive: true, force: true });
}

/** GNU dd tells the system that a file is not needed in memory any more. */
function forget(): void {
  if (!request.cold) return;
  for (const file of request.files) {
    const arguments_ = [`of=${join(request.folder, file)}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0'];
    if (spawnSync('dd', arguments_).status !== 0) isCold = false;
  }
}
