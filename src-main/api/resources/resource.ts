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
  if (value === undefined || value === null) throw new UserError({ what });
  return value;
}

/** Matrices that took work to make, by key, the least used going first above a number of bytes. */
export class ByteCache<Value> {
  private readonly entries = new Map<string, { value: Value; bytes: number }>();
  private total = 0;

  constructor(private readonly limit: number) {}

  /** The value of a key, made where it is not there; of several who ask at once, one makes it. */
  async get(key: string, bytesOf: (value: Awaited<Value>) => number, make: () => Value): Promise<Awaited<Value>> {
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
      return await found.value;
    }
    const entry = { value: make(), bytes: 0 };
    this.entries.set(key, entry);
    try {
      const value = await entry.value;
      entry.bytes = bytesOf(value);
      this.total += entry.bytes;
      this.shrink();
      return value;
    } catch (caught) {
      this.entries.delete(key);
      throw caught;
    }
  }

  private shrink(): void {
    for (const [key, { bytes }] of this.entries) {
      if (this.total <= this.limit || this.entries.size === 1) return;
      this.entries.delete(key);
      this.total -= bytes;
    }
  }
}
