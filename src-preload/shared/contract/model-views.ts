import type { LookAtLayerResult, PreprocessingChoice } from './extraction-tasks';
import type { SourceStateName } from './views';

/** A CNN with its layers, in the order of the network. */
export interface ModelView {
  id: number;
  name: string;
  architecture: string | null;
  trainedOn: string | null;
  top1Percent: number | null;
  source: string;
  sourceHash: string;
  sourceState: SourceStateName;
  preprocessing: PreprocessingChoice;
  /** Whether it is one of the bundled networks, trained: then `random-model` makes its twin. */
  hasTwin: boolean;
  card: ModelCardView;
  layers: LayerView[];
}

/** What is known of a model beside its name: where it comes from, and what it was trained with. */
export interface ModelCardView {
  /** Side of the pictures it was trained on, in pixels; null where nobody said. */
  inputSize: number | null;
  licence: string | null;
  notes: string | null;
  /** Where the top-1 accuracy is from; null where the user gave it. */
  top1Source: string | null;
  /** ONNX, PyTorch zip, …; null in models that older versions imported. */
  format: string | null;
  /** torchvision's name of the bundled definition that a checkpoint was converted by. */
  definition: string | null;
  classes: number | null;
  parameters: number | null;
  /** The public file that it is, told by its hash. */
  publicFile: string | null;
}

/** One of the paper's networks with one of its training sets, and the public file that holds it. */
export interface CatalogueView {
  architecture: string;
  title: string;
  trainedOn: string;
  file: string | null;
  /** Where its publisher offers it: for the user to look up, never opened by the program. */
  address: string | null;
  hashPrefix: string | null;
  bytes: number;
  bytesAreExact: boolean;
  top1Percent: number | null;
  licence: string | null;
  /** Models of the project that are this network with this training set; `isPublicFile` where the hash says so. */
  models: { id: number; name: string; isPublicFile: boolean }[];
}

export interface LayerView {
  id: number;
  name: string;
  filters: number | null;
  kind: string;
  isLastConvolution: boolean;
  blockIndex: number | null;
  /** Movie runs whose activations are there (reducer max). */
  extracted: string[];
  /** Filters whose activation is the same in every frame of these runs; dead are those that never fire at all. */
  silent: { dead: number; constant: number } | null;
}

/** A layer whose filters are looked into. */
export interface LayerLook {
  layerId: number;
  modelId: number;
  model: string;
  layer: string;
  filters: number | null;
  /** Movie runs that are extracted (reducer max, the last frame of each TR), with what they were computed by. */
  runs: { movieRunId: number; movieRun: string; frames: number; provenance: Record<string, string | number | null> }[];
  /** What one unit sees of the picture; null where that is all of it, or not known. */
  receptiveField: LookAtLayerResult['receptiveField'];
  /** Whether the layer looks at the picture itself, so that its kernels can be drawn. */
  hasKernels: boolean;
  /** Size of the pictures that enter the CNN. */
  input: { width: number | null; height: number | null };
  /** Why maps and kernels cannot be had (the model file has gone, say); null where they can. */
  problem: string | null;
}

/** What a model file holds, before it is imported. */
export interface ModelInspection {
  file: string;
  hash: string;
  bytes: number;
  /** null for an ONNX file. */
  checkpoint: { format: string; architecture: string; title: string; classes: number | null; parameters: number } | null;
  /** What the import would fill in where the user says nothing. */
  suggested: { trainedOn: string | null; top1Percent: number | null; top1Source: string | null; publicFile: string | null };
  layers: Omit<LayerView, 'id' | 'extracted' | 'silent'>[];
}
