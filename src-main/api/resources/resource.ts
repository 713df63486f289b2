import { UserError } from '../../../src-preload/shared/domain/errors';
import type { Project } from '../../project/project';

/** One kind of resource: which paths, and how they are answered. Groups of the pattern are the path's parts. */
export interface ResourceRoute {
  pattern: RegExp;
  answer(project: Project, parts: string[], context: { url: URL; request: Request }): Response | Promise<Response>;
}

/** Raw little-endian numbers with their shape. */
export function numbers(data: Float32Array | Float64Array | Int32Array, shape: readonly number[]): Response {
  return new Response(new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength).slice(), {
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(data.byteLength),
      'x-shape': shape.join(','),
      'cache-control': 'no-store',
    },
  });
}

export function bytes(data: Uint8Array, type: string, cacheControl = 'no-store'): Response {
  return new Response(new Uint8Array(data), { headers: { 'content-type': type, 'cache-control': cacheControl } });
}

/** @throws UserError saying that this is not there */
export function present<Value>(value: Value | undefined | null, what: string): Value {
  if (value === undefined || value === null) throw new UserError({ code: 'not-found', what });
  return value;
}
