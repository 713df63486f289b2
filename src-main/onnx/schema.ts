import protobuf from 'protobufjs/light.js';

type FieldSpec = [type: string, id: number, rule?: 'repeated'];

/**
 * The part of ONNX's protobuf schema (onnx.proto, IR version 10) that this program reads and writes.
 * Fields not named here are dropped when a model is written again; none of them changes what a graph computes.
 */
const messages: Record<string, Record<string, FieldSpec>> = {
  ModelProto: {
    irVersion: ['int64', 1],
    producerName: ['string', 2],
    producerVersion: ['string', 3],
    domain: ['string', 4],
    modelVersion: ['int64', 5],
    docString: ['string', 6],
    graph: ['GraphProto', 7],
    opsetImport: ['OperatorSetIdProto', 8, 'repeated'],
    metadataProps: ['StringStringEntryProto', 14, 'repeated'],
    functions: ['FunctionProto', 25, 'repeated'],
  },
  FunctionProto: {
    name: ['string', 1],
    input: ['string', 4, 'repeated'],
    output: ['string', 5, 'repeated'],
    attribute: ['string', 6, 'repeated'],
    node: ['NodeProto', 7, 'repeated'],
    docString: ['string', 8],
    opsetImport: ['OperatorSetIdProto', 9, 'repeated'],
    domain: ['string', 10],
    attributeProto: ['AttributeProto', 11, 'repeated'],
    valueInfo: ['ValueInfoProto', 12, 'repeated'],
    overload: ['string', 13],
  },
  OperatorSetIdProto: { domain: ['string', 1], version: ['int64', 2] },
  StringStringEntryProto: { key: ['string', 1], value: ['string', 2] },
  GraphProto: {
    node: ['NodeProto', 1, 'repeated'],
    name: ['string', 2],
    initializer: ['TensorProto', 5, 'repeated'],
    docString: ['string', 10],
    input: ['ValueInfoProto', 11, 'repeated'],
    output: ['ValueInfoProto', 12, 'repeated'],
    valueInfo: ['ValueInfoProto', 13, 'repeated'],
    sparseInitializer: ['SparseTensorProto', 15, 'repeated'],
  },
  NodeProto: {
    input: ['string', 1, 'repeated'],
    output: ['string', 2, 'repeated'],
    name: ['string', 3],
    opType: ['string', 4],
    attribute: ['AttributeProto', 5, 'repeated'],
    docString: ['string', 6],
    domain: ['string', 7],
    overload: ['string', 8],
    metadataProps: ['StringStringEntryProto', 9, 'repeated'],
  },
  AttributeProto: {
    name: ['string', 1],
    f: ['float', 2],
    i: ['int64', 3],
    s: ['bytes', 4],
    t: ['TensorProto', 5],
    g: ['GraphProto', 6],
    floats: ['float', 7, 'repeated'],
    ints: ['int64', 8, 'repeated'],
    strings: ['bytes', 9, 'repeated'],
    tensors: ['TensorProto', 10, 'repeated'],
    graphs: ['GraphProto', 11, 'repeated'],
    type: ['int32', 20],
    refAttrName: ['string', 21],
    sparseTensor: ['SparseTensorProto', 22],
  },
  TensorProto: {
    dims: ['int64', 1, 'repeated'],
    dataType: ['int32', 2],
    floatData: ['float', 4, 'repeated'],
    int32Data: ['int32', 5, 'repeated'],
    stringData: ['bytes', 6, 'repeated'],
    int64Data: ['int64', 7, 'repeated'],
    name: ['string', 8],
    rawData: ['bytes', 9],
    doubleData: ['double', 10, 'repeated'],
    uint64Data: ['uint64', 11, 'repeated'],
    externalData: ['StringStringEntryProto', 13, 'repeated'],
    dataLocation: ['int32', 14],
  },
  SparseTensorProto: { values: ['TensorProto', 1], indices: ['TensorProto', 2], dims: ['int64', 3, 'repeated'] },
  ValueInfoProto: { name: ['string', 1], type: ['TypeProto', 2], docString: ['string', 3] },
  TypeProto: {
    tensorType: ['TensorTypeProto', 1],
    sequenceType: ['SequenceTypeProto', 4],
    optionalType: ['OptionalTypeProto', 9],
  },
  TensorTypeProto: { elemType: ['int32', 1], shape: ['TensorShapeProto', 2] },
  SequenceTypeProto: { elemType: ['TypeProto', 1] },
  OptionalTypeProto: { elemType: ['TypeProto', 1] },
  TensorShapeProto: { dim: ['DimensionProto', 1, 'repeated'] },
  DimensionProto: { dimValue: ['int64', 1], dimParam: ['string', 2] },
};

// protobufjs packs repeated numbers by default; ONNX is proto2/proto3 mixed and readers accept both forms.
const root = new protobuf.Root();
for (const [name, fields] of Object.entries(messages)) {
  const type = new protobuf.Type(name);
  for (const [field, [fieldType, id, rule]] of Object.entries(fields)) type.add(new protobuf.Field(field, id, fieldType, rule));
  root.add(type);
}

/** The root message of an ONNX file. */
export const ModelMessage = root.lookupType('ModelProto');
/** Parts of it, for files that are written piece by piece. */
export const GraphMessage = root.lookupType('GraphProto');
export const TensorMessage = root.lookupType('TensorProto');
