import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of bytes, as 64 lower-case hex digits. */
export function hashBytes(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * SHA-256 of a file's content, read as a stream.
 * @param heard is told how many bytes have been read, after each MiB
 */
export async function hashFile(path: string, signal?: AbortSignal, heard?: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20, ...(signal && { signal }) })) {
    hash.update(chunk as Buffer);
    heard?.((bytes += (chunk as Buffer).length));
  }
  return hash.digest('hex');
}

/**
 * The key of a derived thing: SHA-256 of the canonical JSON (sorted member names) of its inputs, parameters and code version.
 * Same key, same result.
 */
export function cacheKey(parts: Record<string, unknown>): string {
  return hashBytes(canonicalJson(parts));
}

function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}
