// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { defineComponent, h, ref } from 'vue';
import { dropArrays } from '../../../src-renderer/api/arrays';
import { outdated } from '../../../src-renderer/api/failures';
import { useArray } from '../../../src-renderer/composables/useArray';
import { useRequest } from '../../../src-renderer/composables/useRequest';
import ScreenState from '../../../src-renderer/ui/ScreenState.vue';

/** What the host answers next. */
let answer: () => unknown = () => ({ ok: true, data: [] });
let tell: (detail: { topics: string[] }) => void = () => undefined;

beforeEach(() => {
  window.syncact = {
    request: async () => answer(),
    on: (name: string, callback: typeof tell) => {
      if (name === 'project.changed') tell = callback;
      return () => undefined;
    },
  } as never;
});
afterEach(() => vi.unstubAllGlobals());

const settled = () => new Promise((resolve) => setTimeout(resolve));
const models = (...names: string[]) => ({ ok: true, data: names.map((name) => ({ name })) });
const gone = () => {
  throw new Error('The workstation does not answer.');
};
const refused = () => ({ ok: false, error: { kind: 'user', details: { code: 'not-found', what: 'there is no such coupling' } } });

/** A screen as they all are: what it shows, or why it cannot. */
function mountScreen() {
  const coupling = ref(1);
  const screen = mount(
    defineComponent(() => {
      const asked = useRequest('couplings.list' as never, () => ({ coupling: coupling.value }) as never, ['couplings']);
      const names = () => (asked.data.value as unknown as { name: string }[] | undefined)?.map(({ name }) => name).join(' ');
      return () =>
        h(
          ScreenState,
          { loading: !asked.data.value && asked.loading.value, ...(asked.error.value && { error: asked.error.value }) },
          () => h('p', names()),
        );
    }),
  );
  return { screen, coupling };
}

test('a screen that has its data keeps it when asking again fails, and the frame says that it may be old', async () => {
  answer = () => models('alexnet');
  const { screen } = mountScreen();
  await settled();
  answer = gone;
  tell({ topics: ['couplings'] });
  await settled();
  expect(screen.text()).toBe('alexnet');
  expect([...outdated.values()].map(({ error }) => error.message)).toEqual(['The workstation does not answer.']);
  answer = () => models('alexnet', 'vgg16');
  [...outdated.values()][0]!.retry();
  await settled();
  expect(screen.text()).toBe('alexnet vgg16');
  expect(outdated.size).toBe(0);
  answer = gone;
  tell({ topics: ['couplings'] });
  await settled();
  expect(outdated.size).toBe(1);
  screen.unmount();
  expect(outdated.size).toBe(0);
});

test('an answer to another question does not stand for one that failed, nor for one that the host refuses', async () => {
  answer = () => models('alexnet');
  const { screen, coupling } = mountScreen();
  await settled();
  answer = gone;
  coupling.value = 2;
  await settled();
  expect(screen.text()).toContain('The workstation does not answer.');
  answer = () => models('vgg16');
  coupling.value = 3;
  await settled();
  expect(screen.text()).toBe('vgg16');
  answer = refused;
  tell({ topics: ['couplings'] });
  await settled();
  expect(screen.text()).toContain('there is no such coupling');
  expect(outdated.size).toBe(0);
  screen.unmount();
});

test('numbers stay when the host has a fault, and go when it says that they are no longer there', async () => {
  const reply = (status: number, body: BodyInit) => vi.stubGlobal('fetch', async () => new Response(body, { status }));
  reply(200, new Float32Array([1, 2]).buffer);
  const path = ref('/resource/embeddings/1/fbns/0/map.f32');
  let array!: ReturnType<typeof useArray<'f32'>>;
  const screen = mount(defineComponent(() => ((array = useArray(() => path.value, 'f32')), () => null)));
  await settled();
  expect([...array.data.value!]).toEqual([1, 2]);
  reply(500, 'the resource could not be made');
  dropArrays();
  await settled();
  expect([...array.data.value!]).toEqual([1, 2]);
  expect([array.error.value, outdated.size]).toEqual([undefined, 1]);
  reply(404, 'there is no FBN 0');
  dropArrays();
  await settled();
  expect(array.data.value).toBeUndefined();
  expect(array.error.value?.message).toBe('there is no FBN 0');
  expect(outdated.size).toBe(0);
  screen.unmount();
});
