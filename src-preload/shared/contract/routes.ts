import { z } from 'zod';
import type { ErrorReport } from '../domain/errors';
import { wordKinds } from '../domain/words';
import type { HostEvents } from './events';
import { figureFormats, figureName, figureSpec, type DrawnFigure, type SavedFigure } from './figures';
import { importEmbeddingInput, importFmriInput, jobInputs, modelChange, type JobType } from './job-inputs';
import { annotationRouteInputs, type AnnotationRouteOutputs } from './annotation-views';
import type { LayerFindings } from './comparisons';
import { path } from './paths';
import type { ProjectInfo } from './project-info';
import type {
  CrossAnnotationView,
  FbnPeaks,
  FbnsOfTerm,
  FilterMeaning,
  ImageSetView,
  LabelledFilter,
  LabelPlan,
  LabelSetView,
  TermView,
  VocabularyView,
  WordsView,
} from './semantics-views';
import type { CatalogueView, LayerLook, ModelInspection, ModelView } from './model-views';
import { relinkInput, type MissingSources, type RelinkPreview } from './sources';
import type {
  AppState,
  CouplingView,
  DiagnosticsView,
  EmbeddingView,
  ExternalPlan,
  FolderListing,
  ImportPlan,
  JobView,
  MovieProbe,
  MovieView,
  PairDetails,
  RunView,
  TableView,
  TrainedRuns,
} from './views';

const nothing = z.strictObject({});
const id = z.number().int().positive();
const index = z.number().int().nonnegative();
const name = z.string().min(1).max(200);

/** What the renderer may ask of the host: the input each route takes (a value: the renderer is not trusted). */
export const routeInputs = {
  'app.state': nothing,
  'app.open': z.strictObject({ folder: path }),
  'app.create': z.strictObject({ folder: path }),
  'app.close': nothing,
  'app.diagnostics': nothing,
  /** Diagnostics and log as one text without data in it; `window` is what the window knows of itself. */
  'app.supportBundle': z.strictObject({ window: z.array(z.tuple([name, z.string().max(500)])).max(20) }),
  /** Copies of a project's database, of one that cannot be opened too. */
  'app.backups': z.strictObject({ folder: path }),
  'app.restore': z.strictObject({ folder: path, backup: name }),
  /** Nothing is read of it: a project on a drive that is no longer there can be forgotten. */
  'app.forgetRecent': z.strictObject({ folder: z.string().min(1).max(4096) }),
  /** A new project in this new or empty folder, filled with the phantom by a job. */
  'app.phantom': z.strictObject({ folder: path }),
  /** Where files are chosen by the system's own dialog (Electron only). An empty list: the user cancelled. */
  'dialog.choose': z.strictObject({
    kind: z.enum(['file', 'files', 'folder', 'save']),
    title: z.string().max(200),
    extensions: z.array(z.string().max(20)).max(20).optional(),
  }),
  /** The file browser of the browser host; null lists the roots. */
  'files.list': z.strictObject({ folder: path.nullable() }),
  'project.info': nothing,
  'sources.missing': nothing,
  /** What a relink would do, by the sizes of files alone. */
  'sources.planRelink': relinkInput,
  'jobs.list': nothing,
  'jobs.start': z.strictObject({ type: z.enum(Object.keys(jobInputs) as [JobType, ...JobType[]]), input: z.unknown() }),
  'jobs.cancel': z.strictObject({ id }),
  /** Ends a training soon and keeps what it has come to. */
  'jobs.finish': z.strictObject({ id }),
  'jobs.resume': z.strictObject({ id }),
  'undo.next': nothing,
  'undo.undo': nothing,
  'data.runs': nothing,
  'data.planImport': importFmriInput,
  'data.setSplit': z.union([
    z.strictObject({ subjects: z.array(name).min(1).max(100_000), split: z.enum(['train', 'validation', 'test']) }),
    z.strictObject({ seed: z.number().int().nonnegative() }),
  ]),
  'movies.list': nothing,
  'movies.probe': z.strictObject({
    movieRun: name,
    source: z.union([
      z.strictObject({ video: path }),
      z.strictObject({ folder: path, framesPerSecond: z.number().positive().optional() }),
    ]),
    trSeconds: z.number().positive(),
    offsetSeconds: z.number(),
  }),
  'models.list': nothing,
  'models.inspect': z.strictObject({ file: path }),
  'models.update': modelChange.extend({ id }),
  /** The networks of the paper, which public file holds each, and which of them are here. */
  'models.catalogue': nothing,
  'models.remove': z.strictObject({ id }),
  /** What is known of a layer for looking into its filters. */
  'layers.look': z.strictObject({ layer: id }),
  'embeddings.list': nothing,
  /** The runs a training used, in the order of its losses by run. */
  'embeddings.runs': z.strictObject({ id }),
  'embeddings.planImport': importEmbeddingInput,
  'embeddings.remove': z.strictObject({ id }),
  'figures.draw': z.strictObject({ spec: figureSpec, format: z.enum(figureFormats) }),
  'figures.list': nothing,
  'figures.save': z.strictObject({ name: figureName, spec: figureSpec }),
  'figures.remove': z.strictObject({ name: figureName }),
  'couplings.list': nothing,
  /** What is known of a coupling's layer beyond the p of its pairs. */
  'couplings.layer': z.strictObject({ coupling: id }),
  'pairs.details': z.strictObject({ coupling: id, fbn: index, filter: index }),
  'semantics.vocabularies': nothing,
  'semantics.terms': z.strictObject({ vocabulary: id }),
  /** Words to be found by: terms of all vocabularies and labels of all filters, each once. */
  'semantics.words': nothing,
  'semantics.labelledFilters': z.union([z.strictObject({ set: id }), z.strictObject({ label: name })]),
  'semantics.fbnsOfTerm': z.strictObject({ vocabulary: id, term: name }),
  /** Clusters of an FBN's map, or of all maps, named by an atlas where one is given. */
  'semantics.peaks': z.strictObject({
    embedding: id,
    fbn: index.optional(),
    threshold: z.number().positive().max(100),
    smallest: z.number().int().min(1).max(100_000),
    atlas: z.strictObject({ file: path, names: path.optional() }).optional(),
  }),
  'semantics.setWords': z.strictObject({ words: z.array(name).min(1).max(10_000), kind: z.enum(wordKinds).nullable() }),
  'semantics.removeVocabulary': z.strictObject({ id }),
  'semantics.labelSets': nothing,
  'semantics.imageSets': nothing,
  'semantics.filter': z.strictObject({ layer: id, filter: index }),
  'semantics.planLabels': z.strictObject({ file: path, model: name }),
  'semantics.removeLabels': z.strictObject({ id }),
  'semantics.removeImages': z.strictObject({ id }),
  'semantics.crossAnnotation': z.strictObject({
    coupling: id,
    vocabulary: id.optional(),
    labels: id.optional(),
    allKinds: z.boolean().default(false),
  }),
  /** A table of words and their kinds, or of words to be left out, one a line. */
  'semantics.importWords': z.strictObject({ file: path }),
  /** A table of related words, two a line. */
  'semantics.importRelations': z.strictObject({ file: path }),
  'report.table': z.strictObject({ name: z.string().max(20), embedding: id.optional() }),
  ...annotationRouteInputs,
} as const;

/** What each route gives back (types only: the host is trusted). Arrays of numbers are never among it: see resources. */
export interface RouteOutputs extends AnnotationRouteOutputs {
  'app.state': AppState;
  'app.open': AppState;
  'app.create': AppState;
  'app.close': AppState;
  'app.diagnostics': DiagnosticsView;
  'app.supportBundle': { text: string };
  /** Newest first; the time as ISO. */
  'app.backups': { backups: { name: string; at: string; bytes: number }[] };
  'app.restore': AppState;
  'app.forgetRecent': AppState;
  'app.phantom': AppState;
  'dialog.choose': { paths: string[] };
  'files.list': FolderListing;
  'project.info': ProjectInfo;
  'sources.missing': MissingSources;
  'sources.planRelink': RelinkPreview;
  'jobs.list': JobView[];
  'jobs.start': { id: number };
  'jobs.cancel': null;
  'jobs.finish': null;
  'jobs.resume': { id: number };
  /** What an undo would take back, in words; null when there is nothing. */
  'undo.next': { label: string | null };
  'undo.undo': { label: string };
  'data.runs': RunView[];
  'data.planImport': ImportPlan;
  'data.setSplit': null;
  'movies.list': MovieView[];
  'movies.probe': MovieProbe;
  'models.list': ModelView[];
  'models.inspect': ModelInspection;
  'models.update': null;
  'models.catalogue': CatalogueView[];
  'models.remove': null;
  'layers.look': LayerLook;
  'embeddings.list': EmbeddingView[];
  'embeddings.runs': TrainedRuns;
  'embeddings.planImport': ExternalPlan;
  'embeddings.remove': null;
  'figures.draw': DrawnFigure;
  'figures.list': SavedFigure[];
  'figures.save': SavedFigure;
  'figures.remove': null;
  'couplings.list': CouplingView[];
  'couplings.layer': LayerFindings;
  'pairs.details': PairDetails;
  'semantics.vocabularies': VocabularyView[];
  'semantics.terms': TermView[];
  'semantics.words': WordsView;
  'semantics.labelledFilters': LabelledFilter[];
  /** null: no embedding is compared with the vocabulary. */
  'semantics.fbnsOfTerm': FbnsOfTerm | null;
  'semantics.peaks': FbnPeaks;
  'semantics.setWords': null;
  'semantics.removeVocabulary': null;
  'semantics.labelSets': LabelSetView[];
  'semantics.imageSets': ImageSetView[];
  'semantics.filter': FilterMeaning;
  'semantics.planLabels': LabelPlan;
  'semantics.removeLabels': null;
  'semantics.removeImages': null;
  'semantics.crossAnnotation': CrossAnnotationView;
  'semantics.importWords': { words: number };
  'semantics.importRelations': { relations: number };
  'report.table': TableView;
}

export type Route = keyof typeof routeInputs;
export type RouteInput<Name extends Route> = z.input<(typeof routeInputs)[Name]>;
export type ParsedRouteInput<Name extends Route> = z.output<(typeof routeInputs)[Name]>;

/** A result as it crosses to the renderer: a rejected promise would keep only its message. */
export type Reply<Name extends Route = Route> = { ok: true; data: RouteOutputs[Name] } | { ok: false; error: ErrorReport };

/** What the preload script (or the browser host's client) gives the renderer. */
export interface HostBridge {
  request<Name extends Route>(route: Name, input: RouteInput<Name>): Promise<Reply<Name>>;
  /** Calls back at every such event until the returned function is called. */
  on<Name extends keyof HostEvents>(event: Name, callback: (detail: HostEvents[Name]) => void): () => void;
}
