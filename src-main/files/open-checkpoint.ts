import { open } from 'node:fs/promises';
import { UserError } from '../../src-preload/shared/domain/errors';
import type { CheckpointFile, CheckpointTensor } from './checkpoint-file';
import { openSafetensors, type SafetensorsFile, type SafetensorsType } from './safetensors';
import type { TensorType } from './torch/tensor-types';
import { openTorchFile } from './torch/torch-file';

const SNIFFED_BYTES = 16;

/** Which form of checkpoint a file begins like; undefined where it is none. */
export async function sniffCheckpoint(path: string): Promise<'zip' | 'legacy' | 'safetensors' | undefined> {
  const start = Buffer.alloc(SNIFFED_BYTES);
  const handle = await open(path, 'r');
  try {
    if ((await handle.stat()).isFile()) await handle.read(start, 0, SNIFFED_BYTES, 0);
  } finally {
    await handle.close();
  }
  if (start.toString('latin1', 0, 4) === 'PK\x03\x04') return 'zip';
  // Pickle protocols 2 to 5.
  if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5) return 'legacy';
  if (start[8] === '{'.charCodeAt(0)) return 'safetensors';
  return undefined;
}

/**
 * Opens a file of weights: .pth, .pt, .pth.tar of either PyTorch form, or .safetensors, told by its content, not its name.
 * @throws UserError where it is none of them, is damaged, or holds more than tensors
 */
export async function openCheckpoint(path: string): Promise<CheckpointFile> {
  const form = await sniffCheckpoint(path);
  if (form === 'safetensors') return new SafetensorsCheckpoint(await openSafetensors(path));
  if (form) return openTorchFile(path, form);
  throw new UserError({
    code: 'file-kind',
    what: 'this is not a checkpoint',
    file: path,
    expected: 'weights as PyTorch (.pth, .pt, .pth.tar) or .safetensors',
    remedy: 'name a file that torch.save or safetensors wrote',
  });
}

const types: Partial<Record<SafetensorsType, TensorType>> = {
  BOOL: 'bool',
  U8: 'uint8',
  I8: 'int8',
  I16: 'int16',
  F16: 'float16',
  BF16: 'bfloat16',
  I32: 'int32',
  F32: 'float32',
  F64: 'float64',
  I64: 'int64',
};

class SafetensorsCheckpoint implements CheckpointFile {
  readonly format = 'safetensors';
  readonly path: string;
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;

  constructor(private readonly file: SafetensorsFile) {
    this.path = file.path;
    // Types that no CNN uses (8-bit floats, unsigned words) are passed over: a definition that needed them would miss them by name.
    this.tensors = new Map(
      [...file.tensors].flatMap(([name, { dtype, shape }]) => {
        const type = types[dtype];
        return type ? [[name, { type, shape }] as const] : [];
      }),
    );
  }

  readBytes(name: string): Promise<ArrayBuffer> {
    return this.file.readBytes(name);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
