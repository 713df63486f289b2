import type { OperationName, OptionsOf, Recorder, Shape } from '../../../src-preload/shared/domain/operations';
import type { GraphBuilder } from '../../onnx/graph-builder';
import { Emitter } from './emitter';
import { operations, type Operation } from './operations';
import { requireShape, type Value } from './value';

interface Entry {
  operation: Operation<unknown>;
  inputs: readonly Value[];
  output: Value;
  kept: readonly Value[];
  options: unknown;
}

/**
 * Reverse-mode differentiation of a graph as it is built: `apply` adds operations and remembers them, `backward` walks them from
 * the last to the first and adds the nodes that compute the gradients to the same graph.
 */
export class Tape implements Recorder<Value> {
  private readonly entries: Entry[] = [];
  private readonly emitter: Emitter;

  constructor(private readonly graph: GraphBuilder) {
    this.emitter = new Emitter(graph);
  }

  /** A float32 input of the graph. */
  input(name: string, shape: Shape): Value {
    return { name: this.graph.input(name, 'float', shape), shape };
  }

  /** @throws RangeError where the shapes of the inputs do not fit */
  apply<Name extends OperationName>(name: Name, inputs: readonly Value[], ...[options]: OptionsOf<Name>): Value {
    const operation = operations[name] as Operation<unknown>;
    const { output, kept = [] } = operation.forward(this.emitter, inputs, options);
    this.entries.push({ operation, inputs, output, kept, options });
    return output;
  }

  /**
   * @param output what ∂ℓ/∂output is known of
   * @param gradient ∂ℓ/∂output
   * @returns ∂ℓ/∂value for each value wanted
   * @throws RangeError for a value that the output does not depend on
   */
  backward(output: Value, gradient: Value, wanted: readonly Value[]): Value[] {
    requireShape('the gradient', gradient.shape, output.shape);
    const gradients = new Map([[output.name, gradient]]);
    for (const entry of this.entries.toReversed()) {
      const ofOutput = gradients.get(entry.output.name);
      if (!ofOutput) continue;
      const ofInputs = entry.operation.gradient(this.emitter, { ...entry, gradient: ofOutput });
      for (const [i, { name }] of entry.inputs.entries()) {
        const sum = gradients.get(name);
        gradients.set(name, sum ? this.emitter.add(sum, ofInputs[i]!) : ofInputs[i]!);
      }
    }
    return wanted.map(({ name }) => {
      const found = gradients.get(name);
      if (!found) throw new RangeError(`the output does not depend on ${name}`);
      return found;
    });
  }
}
