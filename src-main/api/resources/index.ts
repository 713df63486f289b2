import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';
import { annotationResources } from './annotations';
import { couplingResources } from './couplings';
import { embeddingResources } from './embeddings';
import { figureResources } from '../figures/drawn';
import { filterResources } from './filters';
import { fileResources } from './files';
import { lookResources } from './looks';
import { movieResources } from './movies';
import type { ResourceRoute } from './resource';
import { semanticsResources } from './semantics';

const routes: readonly ResourceRoute[] = [
  ...embeddingResources,
  ...figureResources,
  ...filterResources,
  ...lookResources,
  ...couplingResources,
  ...movieResources,
  ...semanticsResources,
  ...fileResources,
  ...annotationResources,
];

/**
 * Answers a GET or HEAD for a path of the contract's `resourcePaths`. Never throws: what is not there is 404 with a reason.
 * @param project undefined while none is open
 */
export async function answerResource(project: Project | undefined, request: Request): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'only GET and HEAD');
  if (!project) return text(503, 'no project is open');
  const url = new URL(request.url);
  try {
    for (const { pattern, answer } of routes) {
      const match = pattern.exec(url.pathname);
      if (match) return await answer(project, match.slice(1), { url, request });
    }
    return text(404, 'there is no such resource');
  } catch (caught) {
    return caught instanceof UserError ? text(404, caught.message) : text(500, 'the resource could not be made');
  }
}

function text(status: number, message: string): Response {
  return new Response(message, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}
