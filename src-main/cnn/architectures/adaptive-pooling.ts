import { ElementType } from '../../onnx/model';
import type { GraphBuilder } from '../../onnx/graph-builder';

type MakeNode = (opType: string, inputs: readonly string[], attributes?: Record<string, number | number[]>) => string;

/**
 * The matrix A [size, L] with which A · x averages an axis of length L down (or up) to a given size as PyTorch's
 * AdaptiveAvgPool2d does: part i takes the values from floor(i L / size) to ceil((i + 1) L / size), exclusive. L is known only at
 * run time, so that frames of any size can be taken.
 */
export function averagingMatrix(
  builder: GraphBuilder,
  node: MakeNode,
  map: string,
  { axis, size }: { axis: number; size: number },
): string {
  const column = (values: readonly number[]) =>
    builder.constant(builder.freshName('parts'), [size, 1], BigInt64Array.from(values, BigInt));
  const parts = Array.from({ length: size }, (_, i) => i);
  const one = builder.constant(builder.freshName('one'), [], BigInt64Array.of(1n));
  const zero = builder.constant(builder.freshName('zero'), [], BigInt64Array.of(0n));
  const divisor = builder.constant(builder.freshName('size'), [], BigInt64Array.of(BigInt(size)));
  const length = node('Squeeze', [node('Shape', [map], { start: axis, end: axis + 1 })]);
  const begin = node('Div', [node('Mul', [column(parts), length]), divisor]);
  // Rounded up: ⌈a / b⌉ = ⌊(a + b − 1) / b⌋ for whole numbers.
  const raised = node('Add', [node('Mul', [column(parts.map((i) => i + 1)), length]), column(parts.map(() => size - 1))]);
  const end = node('Div', [raised, divisor]);
  const places = node('Range', [zero, length, one]);
  const inside = node('And', [node('GreaterOrEqual', [places, begin]), node('Less', [places, end])]);
  const toFloat = { to: ElementType.float };
  return node('Div', [node('Cast', [inside], toFloat), node('Cast', [node('Sub', [end, begin])], toFloat)]);
}
