import { shallowRef } from 'vue';
import type { Topic } from '../../src-preload/shared/contract/events';
import { UserError } from '../../src-preload/shared/domain/errors';
import { ByteCache } from './array-cache';
import { on, onReconnect, resourceUrl } from './host';
import { fetchVolume } from '../ui/volume';

export interface ArrayTypes {
  f32: Float32Array<ArrayBuffer>;
  f64: Float64Array<ArrayBuffer>;
  i32: Int32Array<ArrayBuffer>;
}
export type ArrayType = keyof ArrayTypes;

/** A volume as it is drawn: voxels of a grid, the first axis fastest. */
export type LoadedVolume = Awaited<ReturnType<typeof fetchVolume>>;

/** Numbers of a resource, row-major, with their shape. */
export interface LoadedArray<Type extends ArrayType = ArrayType> {
  data: ArrayTypes[Type];
  shape: number[];
}

const CACHE_BYTES = 64 * 2 ** 20;
const views = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
const cache = new ByteCache<LoadedArray | LoadedVolume>(CACHE_BYTES);
const pending = new Map<string, Promise<LoadedArray | LoadedVolume>>();
let listening = false;

/** Rises whenever cached arrays were dropped because the project changed; whoever shows one loads it again. */
export const arrayGeneration = shallowRef(0);

/** Which arrays a change of a part of the project may change. */
const pathsOf: Record<Topic, RegExp> = {
  data: /^\S+ \/resource\/(runs|embeddings)\//,
  movies: /^\S+ \/resource\/(movies|layers)\//,
  models: /^\S+ \/resource\/layers\//,
  embeddings: /^\S+ \/resource\/embeddings\//,
  couplings: /^\S+ \/resource\/couplings\//,
  semantics: /^\S+ \/resource\/(embeddings\/\d+\/fbns\/\d+\/terms|layers\/\d+\/filters\/\d+\/images|semantics)/,
  figures: /^$/,
  undo: /^$/,
};

/** Forgets cached arrays: all of them, or those that these parts of the project make. */
export function dropArrays(topics?: readonly Topic[]): void {
  const isStale = (key: string) => !topics || topics.some((topic) => pathsOf[topic].test(key));
  for (const key of [...cache.keys(), ...pending.keys()]) {
    if (!isStale(key)) continue;
    cache.delete(key);
    pending.delete(key);
  }
  arrayGeneration.value += 1;
}

/**
 * Numbers of a resource path, from the cache where they are there. What it gives is shared: do not write into it.
 * @throws Error (UserError where the host says why) when the resource cannot be had
 */
export async function loadArray<Type extends ArrayType>(path: string, type: Type): Promise<LoadedArray<Type>> {
  return loadOnce(
    `${type} ${path}`,
    () => fetchArray(path, type),
    ({ data }) => data.byteLength,
  ) as Promise<LoadedArray<Type>>;
}

/** A volume of a resource path or address, from the cache where it is there. What it gives is shared: do not write into it. */
export function loadVolume(place: string): Promise<LoadedVolume> {
  const url = new URL(resourceUrl(place));
  return loadOnce(
    `nii ${url.pathname}${url.search}`,
    () => fetchVolume(url.href),
    ({ values }) => values.byteLength,
  );
}

async function loadOnce<Loaded extends LoadedArray | LoadedVolume>(
  key: string,
  fetchIt: () => Promise<Loaded>,
  bytesOf: (loaded: Loaded) => number,
): Promise<Loaded> {
  listen();
  const known = cache.get(key);
  if (known) return known as Loaded;
  const waiting = pending.get(key);
  if (waiting) return waiting as Promise<Loaded>;
  const promise = fetchIt().then((loaded) => {
    if (pending.get(key) === promise) cache.set(key, loaded, bytesOf(loaded));
    return loaded;
  });
  pending.set(key, promise);
  const forget = () => pending.get(key) === promise && pending.delete(key);
  promise.then(forget, forget);
  return promise;
}

async function fetchArray(path: string, type: ArrayType): Promise<LoadedArray> {
  const response = await fetch(resourceUrl(path));
  if (!response.ok) throw await resourceError(response, path);
  const View = views[type];
  const buffer = await response.arrayBuffer();
  if (buffer.byteLength % View.BYTES_PER_ELEMENT !== 0)
    throw new Error(`${path}: ${buffer.byteLength} bytes are no whole numbers`);
  const data = new View(buffer);
  const shape = response.headers.get('x-shape')?.split(',').map(Number) ?? [data.length];
  return { data, shape };
}

async function resourceError(response: Response, path: string): Promise<Error> {
  const text = (await response.text()).trim();
  // A fault of the host, or no project open in it yet: what was asked for may be had later.
  if (response.status >= 500) return new Error(`${path}: ${text || `the host answered ${response.status}`}`);
  return new UserError({
    code: 'setting-invalid',
    what: text || `the host answered ${response.status}`,
    ...(text ? {} : { file: path }),
  });
}

function listen(): void {
  if (listening) return;
  listening = true;
  on('project.changed', ({ topics }) => {
    if (topics.some((topic) => topic !== 'undo')) dropArrays(topics);
  });
  on('app.changed', () => dropArrays());
  onReconnect(() => dropArrays());
}
