import type { Recorder, Shaped } from '../../../src-preload/shared/domain/operations';
import type { LatentModel, LatentParameter } from './model';

/** PyTorch's nn.LayerNorm. */
const NORM_EPSILON = 1e-5;

export interface AttentionSettings {
  /** m */
  fbns: number;
  /** A divisor of m. */
  heads: number;
  /** Each module adds its input to what attention gives and normalises the sum over the FBNs. */
  residualNorm: boolean;
  /** Sinusoids of time are added to the input of both modules. */
  positions: boolean;
}

/**
 * LT+MSA: encoder and decoder are one module of multi-head self-attention over time each (Vaswani et al. 2017, as
 * nn.MultiheadAttention), alike in form.
 */
export function attentionModel(settings: AttentionSettings): LatentModel {
  const perModule = moduleParameters(settings);
  return {
    parameters: ['enc', 'dec'].flatMap((side) => perModule.map((rest) => ({ ...rest, name: `${side}.${rest.name}` }))),
    batched: false,
    positions: settings.positions,
    build(tape, h, parameters, _batch, positions) {
      const activations = attend(tape, h, parameters.slice(0, perModule.length), settings, positions);
      const reconstruction = attend(tape, activations, parameters.slice(perModule.length), settings, positions);
      return { activations, reconstruction };
    },
  };
}

function moduleParameters({ fbns: m, residualNorm }: AttentionSettings): LatentParameter[] {
  return [
    // Glorot's bound for a [3m, m] matrix.
    { name: 'attn.in_proj_weight', shape: [3 * m, m], initial: { bound: Math.sqrt(6 / (4 * m)) } },
    { name: 'attn.in_proj_bias', shape: [3 * m], initial: { value: 0 } },
    { name: 'attn.out_proj.weight', shape: [m, m], initial: { bound: 1 / Math.sqrt(m) } },
    { name: 'attn.out_proj.bias', shape: [m], initial: { value: 0 } },
    ...(residualNorm
      ? [
          { name: 'norm.weight', shape: [m], initial: { value: 1 } },
          { name: 'norm.bias', shape: [m], initial: { value: 0 } },
        ]
      : []),
  ];
}

/** One module; input and output [time, fbns]. Memory: the attention weights, heads × time². */
function attend<Value extends Shaped>(
  tape: Recorder<Value>,
  input: Value,
  [inWeight, inBias, outWeight, outBias, gain, bias]: readonly Value[],
  { fbns: m, heads, residualNorm }: AttentionSettings,
  positions: Value | undefined,
): Value {
  const x = positions ? tape.apply('add', [input, positions]) : input;
  const time = x.shape[0]!;
  const size = m / heads;
  const projected = tape.apply('linear', [x, inWeight!, inBias!]);
  /** Query, key or value by head: [time, heads, size] in the order of axes asked for. */
  const part = (index: number, perm: readonly number[], by?: number) => {
    const columns = tape.apply('columns', [projected], { start: index * m, size: m });
    const scaled = by === undefined ? columns : tape.apply('scale', [columns], { by });
    return tape.apply('transpose', [tape.apply('reshape', [scaled], { shape: [time, heads, size] })], { perm });
  };
  const query = part(0, [1, 0, 2], 1 / Math.sqrt(size));
  const key = part(1, [1, 2, 0]);
  const value = part(2, [1, 0, 2]);
  const weights = tape.apply('softmax', [tape.apply('stackedProduct', [query, key])]);
  const byHead = tape.apply('transpose', [tape.apply('stackedProduct', [weights, value])], { perm: [1, 0, 2] });
  const attended = tape.apply('linear', [tape.apply('reshape', [byHead], { shape: [time, m] }), outWeight!, outBias!]);
  if (!residualNorm) return attended;
  return tape.apply('layerNorm', [tape.apply('add', [x, attended]), gain!, bias!], { epsilon: NORM_EPSILON });
}

/**
 * Sinusoids of time in wavelengths from 2π to 2π·10⁴ time points (Vaswani et al. 2017, section 3.5).
 * @returns [time, fbns], row-major
 */
export function positionalEncoding(time: number, fbns: number): Float32Array {
  const values = new Float32Array(time * fbns);
  for (let t = 0; t < time; t++)
    for (let i = 0; i < fbns; i++) {
      const angle = t / 10_000 ** ((i - (i % 2)) / fbns);
      values[t * fbns + i] = i % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    }
  return values;
}
