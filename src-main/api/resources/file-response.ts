import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { present } from './resource';

const types: Record<string, string> = {
  '.mp4': 'video/mp4',
  '.m4v': 'video/mp4',
  '.mov': 'video/quicktime',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.avi': 'video/x-msvideo',
  '.gz': 'application/gzip',
};

/** A file, or the part of it that a Range header asks for, streamed. */
export function fileResponse(path: string, request: Request): Response {
  const stats = statSync(path, { throwIfNoEntry: false });
  const size = present(stats?.isFile() ? stats.size : undefined, `the file is no longer there: ${path}`);
  const headers: Record<string, string> = {
    'content-type': types[extname(path).toLowerCase()] ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    'cache-control': 'no-store',
  };
  const wanted = request.headers.get('range');
  const range = wanted ? parseRange(wanted, size) : { start: 0, end: size - 1 };
  if (!range) return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` } });
  const { start, end } = range;
  headers['content-length'] = String(end - start + 1);
  if (wanted) headers['content-range'] = `bytes ${start}-${end}/${size}`;
  const status = wanted ? 206 : 200;
  if (request.method === 'HEAD' || size === 0) return new Response(null, { status, headers });
  const stream = createReadStream(path, { start, end, signal: request.signal });
  return new Response(Readable.toWeb(stream) as ReadableStream, { status, headers });
}

/** One range of bytes, both ends included; undefined when it cannot be had. Several ranges are not served. */
export function parseRange(header: string, size: number): { start: number; end: number } | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start <= end && start < size ? { start, end } : undefined;
}
