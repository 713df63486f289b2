import { watch } from 'vue';
import type { LocationQuery, LocationQueryRaw, Router } from 'vue-router';
import { useCursorStore, type Mm } from '../stores/cursor';

const WRITE_AFTER = 250;

export interface CursorPlace {
  movieRun: number | null;
  tr: number | null;
  mm: Mm | null;
}

/** The cursor's part of a route's query; undefined removes a key. */
export function cursorToQuery({ movieRun, tr, mm }: CursorPlace): LocationQueryRaw {
  return {
    run: movieRun === null ? undefined : String(movieRun),
    tr: tr === null ? undefined : String(tr),
    mm: mm === null ? undefined : mm.map((value) => Number(value.toFixed(1))).join(','),
  };
}

/** The inverse; what is missing or no number is left out. */
export function cursorFromQuery(query: LocationQuery): Partial<CursorPlace> {
  const place: Partial<CursorPlace> = {};
  if (/^\d+$/.test(String(query.run))) place.movieRun = Number(query.run);
  if (/^\d+$/.test(String(query.tr))) place.tr = Number(query.tr);
  const mm = typeof query.mm === 'string' ? query.mm.split(',').map(Number) : [];
  if (mm.length === 3 && mm.every(Number.isFinite)) place.mm = mm as Mm;
  return place;
}

/** Keeps the cursor in the address, so that a reload restores it, and follows an address that says otherwise. */
export function mirrorCursor(router: Router): void {
  const cursor = useCursorStore();
  let written = '';
  let isNavigating = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wanted = () => cursorToQuery({ movieRun: cursor.movieRun, tr: cursor.tr, mm: cursor.mm });
  const write = () => {
    // A replace now would take the place of a navigation under way.
    if (isNavigating) return writeSoon();
    timer = undefined;
    const route = router.currentRoute.value;
    const part = wanted();
    written = JSON.stringify(part);
    if (written === partOf(route.query)) return;
    void router.replace({ path: route.path, hash: route.hash, query: { ...route.query, ...part } });
  };
  const writeSoon = () => {
    clearTimeout(timer);
    timer = setTimeout(write, WRITE_AFTER);
  };

  watch(wanted, writeSoon, { flush: 'post' });
  router.beforeEach(() => {
    isNavigating = true;
  });
  router.onError(() => (isNavigating = false));
  router.afterEach((to, from) => {
    isNavigating = false;
    const found = partOf(to.query);
    // A screen's own replace may carry the cursor of a moment ago: only an address that says something new is followed.
    if (found !== written && found !== partOf(from.query)) {
      const place = cursorFromQuery(to.query);
      if (place.movieRun !== undefined) cursor.movieRun = place.movieRun;
      if (place.tr !== undefined) cursor.tr = place.tr;
      if (place.mm !== undefined) cursor.setMm(place.mm);
    }
    writeSoon();
  });
}

const nowhere: CursorPlace = { movieRun: null, tr: null, mm: null };

/** The cursor's part of a query, to compare. */
function partOf(query: LocationQuery): string {
  return JSON.stringify(cursorToQuery({ ...nowhere, ...cursorFromQuery(query) }));
}
