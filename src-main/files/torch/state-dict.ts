import { TorchTensor } from './torch-tensors';

/** Names under which training scripts put the state dict beside the epoch and the optimiser. */
const USUAL_NAMES = [
  'state_dict',
  'model_state_dict',
  'model_state',
  'model',
  'net',
  'network',
  'weights',
  'params',
  'ema_state_dict',
];

/**
 * The tensors of the state dict in what torch.save wrote: the object itself, or the one inside it, by its usual name or as
 * the only dict of tensors. Empty where there is none.
 */
export function findStateDict(root: unknown): { tensors: Map<string, TorchTensor>; within: string | null } {
  const own = tensorsOf(root);
  if (own.size > 0 || !(root instanceof Map)) return { tensors: own, within: null };
  const inner = [...root].flatMap(([name, value]) => {
    const tensors = tensorsOf(value);
    return typeof name === 'string' && tensors.size > 0 ? [{ within: name, tensors }] : [];
  });
  const usual = USUAL_NAMES.map((name) => inner.find(({ within }) => within === name)).find(Boolean);
  return usual ?? (inner.length === 1 ? inner[0]! : { tensors: new Map(), within: null });
}

function tensorsOf(value: unknown): Map<string, TorchTensor> {
  if (!(value instanceof Map)) return new Map();
  return new Map(
    [...value].filter((entry): entry is [string, TorchTensor] => typeof entry[0] === 'string' && entry[1] instanceof TorchTensor),
  );
}
