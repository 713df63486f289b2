/** Choices that several dialogs offer. */
export const deviceOptions = [
  { value: 'auto' as const, label: 'automatic' },
  { value: 'cpu' as const, label: 'CPU' },
  { value: 'webgpu' as const, label: 'GPU (WebGPU)' },
  { value: 'cuda' as const, label: 'GPU (CUDA)' },
];

export const reducerOptions = [
  { value: 'max' as const, label: 'maximum (the paper)' },
  { value: 'mean' as const, label: 'mean' },
  { value: 'norm2' as const, label: '2-norm' },
];

/** What a reducer is called; the paper's needs no name. */
export function reducerLabel(reducer: string): string {
  return reducerOptions.find(({ value }) => value === reducer)?.label ?? reducer;
}

/** What embeddings are computed with. */
export const engineOptions = [
  { value: 'onnxruntime' as const, label: 'ONNX Runtime' },
  { value: 'tfjs' as const, label: 'TensorFlow.js' },
];
