/** What a file that is no ONNX model looks like, and what to do with it. */
export interface Appearance {
  found: string;
  remedy?: string;
}

const CHECKPOINT_REMEDY = 'import it as a checkpoint with --arch NAME, or export the model to ONNX';

const SIGNATURES: readonly { offset: number; bytes: string; appearance: Appearance }[] = [
  {
    offset: 0,
    bytes: 'PK\x03\x04',
    appearance: { found: 'a zip archive, such as a PyTorch checkpoint', remedy: CHECKPOINT_REMEDY },
  },
  {
    offset: 0,
    bytes: '\x89HDF',
    appearance: { found: 'an HDF5 file, such as a Keras model', remedy: 'export it to ONNX with tf2onnx' },
  },
  { offset: 0, bytes: '\x1f\x8b', appearance: { found: 'a gzip file', remedy: 'unpack it first' } },
  { offset: 4, bytes: 'TFL3', appearance: { found: 'a TensorFlow Lite model', remedy: 'export it to ONNX with tf2onnx' } },
  {
    offset: 4,
    bytes: 'ORTM',
    appearance: { found: 'an ONNX Runtime (.ort) model', remedy: 'name the .onnx file it was made from' },
  },
  { offset: 8, bytes: '{"', appearance: { found: 'a safetensors file', remedy: CHECKPOINT_REMEDY } },
  { offset: 0, bytes: '\x89PNG', appearance: { found: 'a PNG image' } },
  { offset: 0, bytes: '\x93NUMPY', appearance: { found: 'a NumPy array' } },
];

/** Tells common other files by their first bytes; undefined for what may be ONNX. */
export function recogniseFile(bytes: Uint8Array): Appearance | undefined {
  if (bytes.byteLength === 0) return { found: 'an empty file', remedy: 'copy it again from its source' };
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 512));
  const signature = SIGNATURES.find(
    ({ offset, bytes: expected }) => start.toString('latin1', offset, offset + expected.length) === expected,
  );
  if (signature) return signature.appearance;
  // Pickle protocols 2 to 5; the legacy form of PyTorch checkpoints.
  if (start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5) {
    return { found: 'a Python pickle, such as an old PyTorch checkpoint', remedy: CHECKPOINT_REMEDY };
  }
  if (start.toString('latin1').startsWith('version https://git-lfs')) {
    return { found: 'a Git LFS pointer instead of the file', remedy: 'fetch the file itself with "git lfs pull"' };
  }
  // An ONNX file starts with the bytes 08 0x (its version); text has no such control characters.
  if (start.every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte !== 127))) {
    return { found: 'a text file' };
  }
  return undefined;
}
