import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logAsText, readLog } from '../../../src-main/annotation/log-file';
import { annotationOf, nextStep, replay, type LogState } from '../../../src-main/annotation/replay';
import { describeStep } from '../../../src-main/annotation/steps';
import { tagNames, vocabularyOf } from '../../../src-main/annotation/tags';
import type { AnnotationEvent } from '../../../src-preload/shared/contract/annotations';
import { authors, deeds, Machine, pair, uuid } from './made-up-events';

/** All that can be seen of a state. */
function seen(state: LogState): unknown {
  const vocabulary = vocabularyOf(state);
  return {
    counter: state.counter,
    events: state.events,
    annotations: authors.map((author) => [0, 1, 2, 3, 4].map((fbn) => annotationOf(state, pair(fbn), author))),
    tags: vocabulary.tags,
    aliases: state.tags.map(({ tag }) => tagNames(vocabulary, [tag])),
    next: authors.map((author) => [nextStep(state, author, 'undo'), nextStep(state, author, 'redo')]),
    undone: [...state.undone].sort(),
  };
}

function perform(machine: Machine, list: Parameters<Machine['do']>[0][]): Machine {
  for (const deed of list) machine.do(deed);
  return machine;
}

test('the state made step by step is that of a replay, whatever the order in which the events are read', () => {
  fc.assert(
    fc.property(deeds, fc.infiniteStream(fc.nat()), (list, random) => {
      const machine = perform(new Machine(0), list);
      const shuffled = machine.events.map((event) => [random.next().value as number, event] as const);
      shuffled.sort(([a], [b]) => a - b);
      expect(seen(replay(shuffled.map(([, event]) => event)))).toEqual(seen(machine.state));
    }),
  );
});

test('two machines that merge each other’s logs come to the same, in either order and as often as they like', () => {
  fc.assert(
    fc.property(deeds, deeds, deeds, (before, here, there) => {
      const one = perform(new Machine(0), before);
      const other = new Machine(1_000_000);
      other.merge(one.events);
      perform(one, here);
      perform(other, there);
      const [ofOne, ofOther] = [[...one.events], [...other.events]];
      one.merge(ofOther);
      other.merge([...ofOne].reverse());
      expect(seen(one.state)).toEqual(seen(other.state));
      const once = seen(one.state);
      one.merge(ofOther);
      one.merge(ofOne);
      expect(seen(one.state)).toEqual(once);
      const third = new Machine(2_000_000);
      third.merge(ofOther);
      third.merge(ofOne);
      expect(seen(third.state)).toEqual(once);
    }),
  );
});

test('files of both raters, read in both orders and twice over, give the log that both made', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      const { events, state } = perform(new Machine(0), list);
      const files = authors.map((author) => logAsText(events, author));
      const readAll = (order: string[]) => {
        const found = new Map<string, AnnotationEvent>();
        for (const file of order) for (const { event } of readLog(file, 'a.jsonl')) found.set(event.id, event);
        return seen(replay(found.values()));
      };
      const [a, b] = files as [string, string];
      expect(readAll([a, b, a])).toEqual(seen(state));
      expect(readAll([b, a, b, a])).toEqual(seen(state));
    }),
    { numRuns: 50 },
  );
});

test('everything undone is nothing, and everything redone is everything', () => {
  fc.assert(
    fc.property(deeds, (list) => {
      const machine = perform(new Machine(0), list);
      const before = authors.map((author) => [0, 1, 2, 3, 4].map((fbn) => annotationOf(machine.state, pair(fbn), author)));
      const counts = authors.map((author) => machine.state.stacks.get(author)?.done.length ?? 0);
      authors.forEach((author, i) => {
        for (let n = 0; n < counts[i]!; n++) machine.do({ author, what: 'undo' });
        for (const fbn of [0, 1, 2, 3, 4]) expect(annotationOf(machine.state, pair(fbn), author)).toBeNull();
      });
      authors.forEach((author, i) => {
        for (let n = 0; n < counts[i]!; n++) machine.do({ author, what: 'redo' });
      });
      expect(authors.map((author) => [0, 1, 2, 3, 4].map((fbn) => annotationOf(machine.state, pair(fbn), author)))).toEqual(
        before,
      );
    }),
  );
});

test('a new step forgets what could be done again; nobody takes back what another did', () => {
  const machine = new Machine(0);
  const decide = (author: string, text: string) => machine.do({ author, what: 'decide', pairs: [0, 1], text, status: 'edited' });
  decide('Ana', 'faces');
  decide('Ben', 'places');
  const step = machine.state.steps.get(nextStep(machine.state, 'Ana', 'undo')!)!;
  expect(describeStep(step)).toBe('edit of 2 pairs');
  machine.do({ author: 'Ana', what: 'undo' });
  expect(annotationOf(machine.state, pair(0), 'Ana')).toBeNull();
  expect(annotationOf(machine.state, pair(0), 'Ben')?.fbn).toBe('places');
  decide('Ana', 'voices');
  expect(nextStep(machine.state, 'Ana', 'redo')).toBeUndefined();
  const target = nextStep(machine.state, 'Ben', 'undo')!;
  machine.add({ kind: 'undo', id: uuid(900), group: uuid(900), author: 'Ana', at: '2026-01-01T00:00:00Z', counter: 99, target });
  expect(annotationOf(machine.state, pair(0), 'Ben')?.fbn).toBe('places');
});

test('tags are renamed and merged everywhere at once, and two of one name are one', () => {
  const machine = new Machine(0);
  for (const name of ['face', 'place', 'FACE']) machine.do({ author: 'Ana', what: 'tag', name });
  const [face, place, twin] = machine.state.tags.map(({ tag }) => tag) as [string, string, string];
  expect(tagNames(vocabularyOf(machine.state), [twin, face, place])).toEqual(['face', 'place']);
  machine.do({ author: 'Ben', what: 'rename', tag: 0, name: 'voice' });
  expect(tagNames(vocabularyOf(machine.state), [twin])).toEqual(['voice']);
  machine.do({ author: 'Ben', what: 'merge', tag: 0, into: 1 });
  expect(vocabularyOf(machine.state).tags).toEqual([{ id: place, name: 'place' }]);
  expect(tagNames(vocabularyOf(machine.state), [twin])).toEqual(['place']);
  machine.do({ author: 'Ben', what: 'undo' });
  expect(tagNames(vocabularyOf(machine.state), [twin])).toEqual(['voice']);
});

test('a file in which a line was altered, cut or is no event is refused whole, with the line', () => {
  const machine = new Machine(0);
  machine.do({ author: 'Ana', what: 'decide', pairs: [0], text: 'faces', status: 'edited' });
  machine.do({ author: 'Ana', what: 'undo' });
  const text = logAsText(machine.events);
  expect(readLog(text, 'a.jsonl').map(({ event }) => event)).toEqual(machine.events);
  expect(() => readLog(text.replace('faces', 'houses'), 'a.jsonl')).toThrow(/line 1 .*a\.jsonl.*does not match its hash/);
  expect(() => readLog(text.slice(0, -20), 'a.jsonl')).toThrow(/line 2 /);
  expect(() => readLog(`${text}{"kind":"decision"}\n`, 'a.jsonl')).toThrow(/line 3 /);
  expect(() => readLog('<html>', 'a.jsonl')).toThrow(/line 1 /);
});
