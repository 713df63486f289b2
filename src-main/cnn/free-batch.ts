import { indexGraph, integerAttribute, integersOf } from './graph-index';
import type { GraphEditor } from './edit-graph';
import type { OnnxNode } from '../onnx/model';

/**
 * Lets a graph that was exported for a fixed number of frames take any: where a Reshape or Resize names that number as the
 * first size of its result, the first size of its input is put there. Whether that was all that hung on the number only
 * running it shows.
 * @param batch the number of frames the model was exported for
 */
export function freeBatch(editor: GraphEditor, batch: number): void {
  const index = indexGraph(editor.graph);
  const sizes = (name: string | undefined) => integersOf(index.constants.get(name ?? ''));
  for (const node of [...editor.graph.node]) {
    if (node.opType === 'Reshape') {
      const shape = sizes(node.input[1]);
      if (shape) {
        if (shape[0] === batch) freeReshape(editor, node, shape);
        continue;
      }
      const composed = index.producers.get(node.input[1] ?? '');
      // A shape put together from parts, as PyTorch writes view(1, channels, -1).
      if (composed?.opType === 'Concat' && sizes(composed.input[0])?.join() === String(batch)) {
        composed.input[0] = editor.integers([0]);
      }
    }
    const resized = node.opType === 'Resize' ? sizes(node.input[3]) : undefined;
    if (resized?.[0] === batch) {
      node.input[3] = editor.node(
        'Concat',
        [batchOf(editor, node), editor.integers(resized.slice(1))],
        { axis: 0 },
        { before: node },
      );
    }
  }
}

/** In a shape, 0 stands for the input's size at the same place, unless allowzero says it is a zero. */
function freeReshape(editor: GraphEditor, node: OnnxNode, shape: readonly number[]): void {
  if (integerAttribute(node, 'allowzero', 0) === 0) {
    node.input[1] = editor.integers([0, ...shape.slice(1)]);
  } else if (!shape.includes(-1)) {
    node.input[1] = editor.integers([-1, ...shape.slice(1)]);
  } else {
    node.input[1] = editor.node(
      'Concat',
      [batchOf(editor, node), editor.integers(shape.slice(1))],
      { axis: 0 },
      { before: node },
    );
  }
}

/** The first size of a node's first input, as a tensor of one number. */
function batchOf(editor: GraphEditor, node: OnnxNode): string {
  const shape = editor.node('Shape', [node.input[0] ?? ''], {}, { before: node });
  return editor.node('Gather', [shape, editor.integers([0])], { axis: 0 }, { before: node });
}
