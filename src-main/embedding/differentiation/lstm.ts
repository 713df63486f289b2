import type { Shape } from '../../../src-preload/shared/domain/operations';
import { GraphBuilder } from '../../onnx/graph-builder';
import type { Emitter } from './emitter';
import type { Operation } from './operations';
import { requireShape, type Value } from './value';

/*
 * The recurrence of an LSTM layer (Hochreiter and Schmidhuber 1997, with forget gates; PyTorch's gate order i, f, g, o) over a batch
 * of series that lie one time step after the other: row t·batch + b of a matrix is time t of series b. State and cell begin at 0.
 * Both directions are one ONNX Scan over time whose body holds only what truly depends on the step before; everything else, the
 * gradient of the recurrent weights among it, is done for all time steps at once.
 */

/** Inputs: x W_ihᵀ + b_ih + b_hh [rows, 4m] and W_hh [4m, m]; output: the hidden states [rows, m]. */
export const lstm: Operation<{ batch: number }> = {
  forward(e, [projected, recurrent], { batch }) {
    const [rows, width] = projected!.shape;
    const m = recurrent!.shape[1] as number;
    requireShape('the recurrent weight', recurrent!.shape, [4 * m, m]);
    requireShape('the projected input', [width!], [4 * m]);
    const zeros = zeroState(e, batch, m);
    const steps = e.reshape(projected!, ['steps', batch, 4 * m]);
    const outputs = e.graph.nodes('Scan', [zeros.name, zeros.name, steps.name], 5, {
      body: { graph: forwardBody(recurrent!.name, batch, m, e.graph.freshName('forward')) },
      num_scan_inputs: 1,
    });
    const flat = (name: string, columns: number) => e.reshape({ name, shape: ['steps', batch, columns] }, [rows!, columns]);
    return { output: flat(outputs[2]!, m), kept: [flat(outputs[3]!, m), flat(outputs[4]!, 4 * m)] };
  },

  gradient(e, { inputs: [, recurrent], output, kept: [cell, gates], gradient, options: { batch } }) {
    const [rows] = output.shape;
    const m = recurrent!.shape[1] as number;
    const shape: Shape = [rows!, m];
    const one = e.graph.scalar(1);
    const gate = (i: number) => e.columns(gates!, i * m, m);
    const [input, forget, candidate, out] = [gate(0), gate(1), gate(2), gate(3)];
    const slope = (sigmoid: Value) => e.multiply(sigmoid, e.node('Sub', [one, sigmoid], shape));
    const tanhSlope = (tanh: Value) => e.node('Sub', [one, e.multiply(tanh, tanh)], shape);
    const tanhOfCell = e.node('Tanh', [cell!], shape);
    const before = (values: Value) => stepBefore(e, values, batch, m);
    // ∂ℓ/∂gates = [dc, dc, dc, dh] ∘ factors, where only dc and dh depend on the step after.
    const factors = e.concat(
      [
        e.multiply(candidate, slope(input)),
        e.multiply(before(cell!), slope(forget)),
        e.multiply(input, tanhSlope(candidate)),
        e.multiply(tanhOfCell, slope(out)),
      ],
      1,
      [rows!, 4 * m],
    );
    const toCell = e.multiply(out, tanhSlope(tanhOfCell));
    const zeros = zeroState(e, batch, m);
    const steps = [gradient, factors, toCell, forget].map((value) => e.reshape(value, ['steps', batch, value.shape[1]!]).name);
    const outputs = e.graph.nodes('Scan', [zeros.name, zeros.name, ...steps], 3, {
      body: { graph: backwardBody(recurrent!.name, batch, m, e.graph.freshName('backward')) },
      num_scan_inputs: 4,
      scan_input_directions: [1, 1, 1, 1],
      scan_output_directions: [1],
    });
    const ofGates = e.reshape({ name: outputs[2]!, shape: ['steps', batch, 4 * m] }, [rows!, 4 * m]);
    return [ofGates, e.product(ofGates, before(output), { transA: true })];
  },
};

/** One step: states h, c [batch, m] and projected input [batch, 4m] → h, c; gives h, c and the gates. */
function forwardBody(recurrent: string, batch: number, m: number, prefix: string) {
  const body = new GraphBuilder(prefix, prefix);
  const input = (name: string, columns: number) => body.input(`${prefix}/${name}`, 'float', [batch, columns]);
  const [h, c, x] = [input('h', m), input('c', m), input('x', 4 * m)];
  const sums = body.node('Gemm', [h, recurrent, x], { transB: 1 });
  const [inAndForget, candidateSum, outSum] = body.nodes('Split', [sums, body.integers([2 * m, m, m])], 3, { axis: 1 });
  const sigmoids = body.node('Sigmoid', [inAndForget!]);
  const candidate = body.node('Tanh', [candidateSum!]);
  const out = body.node('Sigmoid', [outSum!]);
  const [i, f] = body.nodes('Split', [sigmoids], 2, { axis: 1, num_outputs: 2 });
  const cell = body.node('Add', [body.node('Mul', [f!, c]), body.node('Mul', [i!, candidate])]);
  const hidden = body.node('Mul', [out, body.node('Tanh', [cell])]);
  const gates = body.node('Concat', [sigmoids, candidate, out], { axis: 1 });
  const results = { nextH: hidden, nextC: cell, h: hidden, c: cell, gates };
  for (const [name, value] of Object.entries(results))
    body.output(`${prefix}/out/${name}`, value, 'float', [batch, name === 'gates' ? 4 * m : m]);
  return body.graph;
}

/** One step back: ∂ℓ/∂h and ∂ℓ/∂c from the step after → those for the step before; gives ∂ℓ/∂gates. */
function backwardBody(recurrent: string, batch: number, m: number, prefix: string) {
  const body = new GraphBuilder(prefix, prefix);
  const input = (name: string, columns = m) => body.input(`${prefix}/${name}`, 'float', [batch, columns]);
  const [dhAfter, dcAfter] = [input('dh'), input('dc')];
  const [gradient, factors, toCell, forget] = [input('gradient'), input('factors', 4 * m), input('toCell'), input('forget')];
  const dh = body.node('Add', [gradient, dhAfter]);
  const dc = body.node('Add', [dcAfter, body.node('Mul', [dh, toCell])]);
  const ofGates = body.node('Mul', [body.node('Concat', [dc, dc, dc, dh], { axis: 1 }), factors]);
  body.output(`${prefix}/out/dh`, body.node('Gemm', [ofGates, recurrent]), 'float', [batch, m]);
  body.output(`${prefix}/out/dc`, body.node('Mul', [dc, forget]), 'float', [batch, m]);
  body.output(`${prefix}/out/gates`, ofGates, 'float', [batch, 4 * m]);
  return body.graph;
}

/** Row t holds what `values` [rows, m] has at t−1; zeros at the first step. */
function stepBefore(e: Emitter, values: Value, batch: number, m: number): Value {
  const [from, to, axis] = [0, -batch, 0].map((value) => e.graph.integers([value]));
  const earlier = e.graph.node('Slice', [values.name, from!, to!, axis!]);
  return e.node('Concat', [zeroState(e, batch, m), earlier], values.shape, { axis: 0 });
}

function zeroState(e: Emitter, batch: number, m: number): Value {
  const name = e.graph.constant(e.graph.freshName('zeros'), [batch, m], new Float32Array(batch * m));
  return { name, shape: [batch, m] };
}
