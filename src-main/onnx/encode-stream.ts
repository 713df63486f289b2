import { ElementType, type OnnxModel } from './model';
import { GraphMessage, ModelMessage, TensorMessage } from './schema';

/** A float32 tensor that is put into the file when its turn comes. */
export interface StreamedTensor {
  name: string;
  dims: readonly number[];
}

/** Field numbers of onnx.proto. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;
const TENSOR_RAW_DATA = 9;
const LENGTH_DELIMITED = 2;

/**
 * The bytes of an ONNX file, in pieces, whose weights are read one after the other: no more than one is in memory at a time.
 * (The fields of a protobuf message may come in any order, so the initializers are put after the rest of the graph, whose
 * length is known beforehand.)
 * @param read gives the values of a tensor by name, row-major
 */
export async function* encodeStream(
  { graph, ...head }: OnnxModel,
  tensors: readonly StreamedTensor[],
  read: (name: string) => Promise<Float32Array>,
): AsyncGenerator<Uint8Array> {
  const graphBytes = GraphMessage.encode(GraphMessage.fromObject(graph)).finish();
  const headers = tensors.map((tensor) => tensorHeader(tensor));
  const graphLength = tensors.reduce((sum, tensor, i) => {
    const length = headers[i]!.byteLength + valueBytes(tensor);
    return sum + fieldHeader(GRAPH_INITIALIZER, length).byteLength + length;
  }, graphBytes.byteLength);
  yield ModelMessage.encode(ModelMessage.fromObject(head)).finish();
  yield fieldHeader(MODEL_GRAPH, graphLength);
  yield graphBytes;
  for (const [i, tensor] of tensors.entries()) {
    const values = await read(tensor.name);
    if (values.byteLength !== valueBytes(tensor)) throw new RangeError(`"${tensor.name}" has ${values.length} values`);
    yield fieldHeader(GRAPH_INITIALIZER, headers[i]!.byteLength + values.byteLength);
    yield headers[i]!;
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  }
}

/** A TensorProto up to the values of its raw data. */
function tensorHeader(tensor: StreamedTensor): Uint8Array {
  const { name, dims } = tensor;
  const message = TensorMessage.encode(TensorMessage.fromObject({ name, dims, dataType: ElementType.float })).finish();
  return Buffer.concat([message, fieldHeader(TENSOR_RAW_DATA, valueBytes(tensor))]);
}

function valueBytes({ dims }: StreamedTensor): number {
  return dims.reduce((product, size) => product * size, 4);
}

/** Tag and length of a length-delimited field. */
function fieldHeader(field: number, length: number): Uint8Array {
  return Uint8Array.from([...varint((field << 3) | LENGTH_DELIMITED), ...varint(length)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}
