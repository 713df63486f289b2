import fc from 'fast-check';
import {
  emptyAnnotation,
  type AnnotationEvent,
  type Basis,
  type PairIdentity,
} from '../../../src-preload/shared/contract/annotations';
import { applyEvent, compareEvents, emptyState, nextStep, type LogState } from '../../../src-main/annotation/replay';

export const authors = ['Ana', 'Ben'] as const;
const hash = (letter: string) => letter.repeat(64);

export function pair(fbn: number, filter = 0): PairIdentity {
  return { embedding: hash('e'), fbn, model: hash('a'), layer: 'layer4', filter };
}

export const basis: Basis = { checkpoint: hash('c'), modelName: 'net', couplings: [], bestFilters: [], program: '0' };

/** A UUID that tells which event it is of. */
export function uuid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}

/** What a person did, before it is an event. */
export type Deed =
  | { author: string; what: 'decide'; pairs: number[]; text: string; status: 'accepted' | 'rejected' | 'edited' }
  | { author: string; what: 'undo' | 'redo' }
  | { author: string; what: 'tag'; name: string }
  | { author: string; what: 'rename'; tag: number; name: string }
  | { author: string; what: 'merge'; tag: number; into: number };

const author = fc.constantFrom(...authors);
const name = fc.constantFrom('face', 'Face', 'place', 'voice');
const place = fc.nat({ max: 5 });

export const deeds: fc.Arbitrary<Deed[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        author,
        what: fc.constant('decide' as const),
        pairs: fc.uniqueArray(fc.nat({ max: 4 }), { minLength: 1, maxLength: 3 }),
        text: fc.string({ maxLength: 6 }),
        status: fc.constantFrom('accepted' as const, 'rejected' as const, 'edited' as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ author, what: fc.constantFrom('undo' as const, 'redo' as const) }) },
    { weight: 1, arbitrary: fc.record({ author, what: fc.constant('tag' as const), name }) },
    { weight: 1, arbitrary: fc.record({ author, what: fc.constant('rename' as const), tag: place, name }) },
    { weight: 1, arbitrary: fc.record({ author, what: fc.constant('merge' as const), tag: place, into: place }) },
  ),
  { maxLength: 40 },
);

/** A machine that somebody works on: it makes events as the program does, and takes in those of other machines. */
export class Machine {
  events: AnnotationEvent[] = [];
  state: LogState = emptyState();

  constructor(private nextId: number) {}

  do(deed: Deed): void {
    const common = () => ({ id: uuid(this.nextId++), author: deed.author, at: '2026-01-01T00:00:00.000Z' });
    if (deed.what === 'decide') {
      const group = uuid(this.nextId++);
      for (const fbn of deed.pairs)
        this.add({
          ...{ ...common(), group, counter: this.state.counter + 1, kind: 'decision', action: 'edit', pair: pair(fbn) },
          ...{ before: null, after: { ...emptyAnnotation, status: deed.status, fbn: deed.text }, suggestion: null, basis },
        });
      return;
    }
    const place = common();
    const base = { ...place, group: place.id, counter: this.state.counter + 1 };
    const tag = (at: number) => this.state.tags[at % Math.max(1, this.state.tags.length)]?.tag;
    if (!('name' in deed) && !('tag' in deed)) {
      const target = nextStep(this.state, deed.author, deed.what);
      if (target !== undefined) this.add({ ...base, kind: deed.what, target });
    } else if (deed.what === 'tag') {
      this.add({ ...base, kind: 'tag', tag: uuid(this.nextId++), change: { what: 'add', name: deed.name } });
    } else if (deed.what === 'rename') {
      const id = tag(deed.tag);
      if (id) this.add({ ...base, kind: 'tag', tag: id, change: { what: 'rename', from: 'x', name: deed.name } });
    } else {
      const [from, into] = [tag(deed.tag), tag(deed.into)];
      if (from && into) this.add({ ...base, kind: 'tag', tag: from, change: { what: 'merge', into } });
    }
  }

  add(event: AnnotationEvent): void {
    this.events.push(event);
    applyEvent(this.state, event);
  }

  /** Takes in events in the order given; known ones change nothing. */
  merge(events: readonly AnnotationEvent[]): void {
    const known = new Set(this.events.map(({ id }) => id));
    for (const event of events) {
      if (known.has(event.id)) continue;
      known.add(event.id);
      this.events.push(event);
    }
    this.state = emptyState();
    for (const event of [...this.events].sort(compareEvents)) applyEvent(this.state, event);
  }
}
