import type { Host } from '../../api/host';
import { decodePath, serveRendererFile } from '../renderer-files';
import { ORIGIN } from './security';

/** Answers the renderer's requests over the program's own protocol: its files, and resources of the open project. */
export async function serveOwnOrigin(request: Request, host: Host): Promise<Response> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return new Response('only GET and HEAD', { status: 405, headers: { allow: 'GET, HEAD' } });
  const { protocol, host: name, pathname } = new URL(request.url);
  if (`${protocol}//${name}` !== ORIGIN) return new Response('not found', { status: 404 });
  if (pathname.startsWith('/resource/')) return host.resource(request);
  const file = decodePath(pathname);
  return file === undefined ? new Response('not a path', { status: 400 }) : serveRendererFile(file);
}
