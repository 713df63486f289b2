import type { Recorder, Shaped } from '../../../src-preload/shared/domain/operations';
import type { LatentModel, LatentParameter } from './model';

const LAYERS = 2;
const PER_LAYER = 4;

/** LT+LSTM: encoder and decoder are two stacked LSTM layers each (as nn.LSTM), with as many hidden units as there are FBNs. */
export function recurrentModel(fbns: number): LatentModel {
  return {
    parameters: ['enc', 'dec'].flatMap((side) => moduleParameters(side, fbns)),
    batched: true,
    positions: false,
    build(tape, h, parameters, batch) {
      const half = LAYERS * PER_LAYER;
      const activations = layers(tape, h, parameters.slice(0, half), batch);
      return { activations, reconstruction: layers(tape, activations, parameters.slice(half), batch) };
    },
  };
}

function moduleParameters(side: string, m: number): LatentParameter[] {
  const initial = { bound: 1 / Math.sqrt(m) };
  return Array.from({ length: LAYERS }, (_, layer) => [
    { name: `${side}.lstm.weight_ih_l${layer}`, shape: [4 * m, m], initial },
    { name: `${side}.lstm.weight_hh_l${layer}`, shape: [4 * m, m], initial },
    { name: `${side}.lstm.bias_ih_l${layer}`, shape: [4 * m], initial },
    { name: `${side}.lstm.bias_hh_l${layer}`, shape: [4 * m], initial },
  ]).flat();
}

/** Row t·batch + b of input and output is time t of series b. */
function layers<Value extends Shaped>(tape: Recorder<Value>, input: Value, parameters: readonly Value[], batch: number): Value {
  let x = input;
  for (let layer = 0; layer < LAYERS; layer++) {
    const [weight, recurrent, bias, recurrentBias] = parameters.slice(layer * PER_LAYER, (layer + 1) * PER_LAYER);
    const projected = tape.apply('linear', [x, weight!, tape.apply('add', [bias!, recurrentBias!])]);
    x = tape.apply('lstm', [projected, recurrent!], { batch });
  }
  return x;
}
