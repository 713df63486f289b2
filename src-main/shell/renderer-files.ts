import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { extname, join, normalize } from 'node:path';

/** Nothing from elsewhere, no inline script: the program is offline and its renderer untrusted. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "media-src 'self' blob:",
  "connect-src 'self' blob: data:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.png': 'image/png',
};

/** Where the built renderer lies: beside the built main process. */
export const rendererFolder = [join(import.meta.dirname, '../renderer'), join(import.meta.dirname, '../../out/renderer')].find(
  existsSync,
);

/** The path of an address in words; undefined where it is none. */
export function decodePath(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

/**
 * Answers a request for one of the renderer's own files; used by Electron's custom protocol and by the browser host alike.
 * @param pathname decoded path of the URL, beginning with a slash
 */
export async function serveRendererFile(pathname: string): Promise<Response> {
  const relative = normalize(pathname === '/' ? '/index.html' : pathname);
  const type = contentTypes[extname(relative)];
  if (!type || relative.includes('..') || relative.includes('\0')) return new Response('not found', { status: 404 });
  if (!rendererFolder) return new Response('The renderer is not built: run `npm run build`.', { status: 503 });
  try {
    const content = await readFile(join(rendererFolder, relative));
    return new Response(new Uint8Array(content), { headers: { 'content-type': type, ...securityHeaders } });
  } catch {
    return new Response('not found', { status: 404 });
  }
}

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
