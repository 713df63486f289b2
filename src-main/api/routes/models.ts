import { existsSync, statSync } from 'node:fs';
import type { LayerView, ModelInspection, ModelView } from '../../../src-preload/shared/contract/model-views';
import { quietContext } from '../../../src-preload/shared/domain/work';
import { UserError } from '../../../src-preload/shared/domain/errors';
import { ActivationCache } from '../../project/activation-cache';
import type { Project } from '../../project/project';
import { listLayers, listModels, setModelRemoved, type Layer, type Model } from '../../project/queries/models';
import { listMovies, type Movie } from '../../project/queries/movie-runs';
import { listSources, sourceState } from '../../project/queries/sources';
import type { ModelSummary } from '../activation-keys';
import { changeModel } from '../change-model';
import { networkOf, suggestCard, RANDOM_WEIGHTS, viewCard, viewCatalogue } from '../model-card';
import { countSilent, summariseRuns } from '../filter-summary';
import { describeLook, maxKey } from '../look';
import type { RouteHandlers } from '../requests';
import { describeModelFile } from '../tools';
import { changeWithUndo } from './undo';

export const modelRoutes: Pick<RouteHandlers, Extract<keyof RouteHandlers, `models.${string}` | 'layers.look'>> = {
  'models.list': (_input, workstation) => viewModels(workstation.project.project),
  'layers.look': ({ layer }, workstation) => describeLook(workstation.project.project, layer),
  'models.inspect': ({ file }) => inspect(file),
  'models.update': ({ id, ...changed }, workstation) => {
    const { project } = workstation.project;
    changeModel(project, findModel(project, id), changed);
    workstation.changed('models', 'couplings', 'undo');
    return null;
  },
  'models.catalogue': (_input, workstation) => viewCatalogue(workstation.project.project.database),
  'models.remove': ({ id }, workstation) => {
    const { project } = workstation.project;
    const label = `removal of model ${findModel(project, id).name}`;
    changeWithUndo(project, 'model-removal', label, { id }, () => setModelRemoved(project.database, id, true));
    workstation.changed('models', 'couplings', 'undo');
    return null;
  },
};

function findModel({ database }: Project, id: number): Model {
  const found = listModels(database).find((model) => model.id === id);
  if (!found) throw new UserError({ code: 'not-found', what: `there is no model ${id}` });
  return found;
}

async function viewModels(project: Project): Promise<ModelView[]> {
  const { database } = project;
  const movies = listMovies(database);
  const states = new Map(listSources(database).map((source) => [source.path, sourceState(source)]));
  const cache = existsSync(project.activationsFile) ? ActivationCache.openReadOnly(project.activationsFile) : undefined;
  try {
    const viewModel = async (model: Model): Promise<ModelView> => ({
      ...{ id: model.id, name: model.name, architecture: model.architecture, trainedOn: model.trainedOn },
      ...{ top1Percent: model.top1Percent, source: model.sourcePath, sourceHash: model.sourceHash },
      sourceState: states.get(model.sourcePath) ?? 'missing',
      preprocessing: (model.summary as ModelSummary).preprocessing,
      hasTwin: networkOf(model) !== null && model.trainedOn !== RANDOM_WEIGHTS,
      card: viewCard(model.card),
      layers: await Promise.all(listLayers(database, model.id).map((layer) => viewLayer(cache, model, layer, movies))),
    });
    return await Promise.all(listModels(database).map(viewModel));
  } finally {
    cache?.close();
  }
}

async function viewLayer(
  cache: ActivationCache | undefined,
  model: Model,
  layer: Layer,
  movies: readonly Movie[],
): Promise<LayerView> {
  const { id, name, filters, kind, isLastConvolution, blockIndex } = layer;
  const extracted = movies.filter((movie) => cache?.findFilterActivation(maxKey(model, layer, movie)));
  const keys = extracted.map((movie) => maxKey(model, layer, movie));
  const table = cache && keys.length > 0 ? await summariseRuns(cache, keys) : undefined;
  return {
    ...{ id, name, filters, kind, isLastConvolution, blockIndex, extracted: extracted.map(({ movieRun }) => movieRun) },
    silent: table ? countSilent(table) : null,
  };
}

async function inspect(file: string): Promise<ModelInspection> {
  const { hash, layers, checkpoint } = await describeModelFile({ file }, quietContext());
  const { trainedOn, top1Percent, top1Source, publicFile } = suggestCard(hash, checkpoint);
  return {
    ...{ file, hash, bytes: statSync(file).size, checkpoint, layers },
    suggested: { trainedOn, top1Percent, top1Source, publicFile },
  };
}
