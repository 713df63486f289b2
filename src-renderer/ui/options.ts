import { couplingForm, parseCouplingForm } from '../../src-preload/shared/domain/controls';

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

/** What a form of activations is called: the reducer by its name, then what was done to them. */
export function formLabel(form: string): string {
  const { activations, controls } = parseCouplingForm(form);
  return couplingForm(activationsName(activations), controls);
}

/** The same where there is little room: confounds are counted. */
export function shortFormLabel(form: string): string {
  const { activations, controls } = parseCouplingForm(form);
  const count = controls.confounds.length;
  if (count < 2) return formLabel(form);
  const [name, ...rest] = couplingForm(activationsName(activations), { ...controls, confounds: [] }).split(' · ');
  return [name, `without ${count} confounds`, ...rest].join(' · ');
}

function activationsName(activations: string): string {
  return reducerOptions.find(({ value }) => value === activations)?.label ?? activations;
}

/** What embeddings are computed with. */
export const engineOptions = [
  { value: 'onnxruntime' as const, label: 'ONNX Runtime' },
  { value: 'tfjs' as const, label: 'TensorFlow.js' },
];

export const responseOptions = [
  { value: 'none' as const, label: 'not modelled (the paper)' },
  { value: 'canonical' as const, label: 'canonical haemodynamic response' },
  { value: 'derivatives' as const, label: 'canonical, with derivatives of onset and dispersion' },
];
