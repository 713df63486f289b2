import type { Basis, PairIdentity } from '../../../src-preload/shared/contract/annotations';
import type { PairPlace } from '../../../src-preload/shared/contract/annotation-views';
import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { listBestFilters, listLayerPlaces, listPairsAt } from '../../project/queries/pair-places';
import { readEmbedding } from '../../project/queries/embeddings';
import { programVersion } from '../version';

/** Turns places of this project (ids) into what makes a pair itself anywhere, and back. Reads the project once. */
export class PairPlaces {
  private readonly layers = new Map<number, ReturnType<typeof listLayerPlaces>[number]>();
  private readonly layerIds = new Map<string, number>();
  private readonly embeddings = new Map<number, { key: string; checkpoint: string | null; fbns: number }>();

  constructor(private readonly project: Project) {
    for (const layer of listLayerPlaces(project.database)) {
      this.layers.set(layer.id, layer);
      // Of two models of the same content the first is it.
      const name = `${layer.contentHash} ${layer.name}`;
      if (!this.layerIds.has(name)) this.layerIds.set(name, layer.id);
    }
  }

  /** @throws UserError where the project has no such FBN or filter */
  identity({ embedding, layer, fbn, filter }: PairPlace): PairIdentity {
    const trained = this.embedding(embedding);
    const found = this.layers.get(layer);
    if (!trained || fbn >= trained.fbns)
      throw new UserError({ code: 'not-found', what: `there is no FBN ${fbn} of embedding ${embedding}` });
    if (!found || (found.filters !== null && filter >= found.filters))
      throw new UserError({ code: 'not-found', what: `there is no filter ${filter} of layer ${layer}` });
    return { embedding: trained.key, fbn, model: found.contentHash, layer: found.name, filter };
  }

  /** The layer of an identity; undefined where its model is not in the project. */
  layerOf({ model, layer }: Pick<PairIdentity, 'model' | 'layer'>): number | undefined {
    return this.layerIds.get(`${model} ${layer}`);
  }

  modelName(layerId: number): string | undefined {
    return this.layers.get(layerId)?.model;
  }

  embeddingKey(id: number): string | undefined {
    return this.embedding(id)?.key;
  }

  /** Hash of an embedding's weights; null before it is trained. */
  checkpoint(id: number): string | null {
    return this.embedding(id)?.checkpoint ?? null;
  }

  /** What lies beneath a pair now. */
  basis({ embedding, layer, fbn, filter }: PairPlace): Basis {
    const { database } = this.project;
    const couplings = listPairsAt(database, { embedding, layer, fbn, filter });
    const bestFilters = listBestFilters(database, { embedding, layer, fbn });
    return {
      ...{ checkpoint: this.embedding(embedding)?.checkpoint ?? null, modelName: this.modelName(layer) ?? '' },
      ...{ couplings, bestFilters, program: programVersion },
    };
  }

  private embedding(id: number): { key: string; checkpoint: string | null; fbns: number } | undefined {
    const known = this.embeddings.get(id);
    if (known) return known;
    const found = readEmbedding(this.project.database, id);
    if (!found) return undefined;
    const entry = { key: found.key, checkpoint: found.result?.best.hash ?? null, fbns: found.fbns };
    this.embeddings.set(id, entry);
    return entry;
  }
}
