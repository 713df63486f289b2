import { expect, test } from 'vitest';
import { createMemoryHistory, createRouter } from 'vue-router';
import { routes } from '../../../src-renderer/app/router';

const router = createRouter({ history: createMemoryHistory(), routes });

test.each([
  ['/models/4/20/5', 'filter'],
  ['/models/4/20', 'filter'],
  ['/coupling/3/pair/0/12', 'pair'],
  ['/coupling/3', 'coupling'],
  ['/report/regression', 'report'],
])('%s is the screen %s', (path, name) => {
  expect(router.resolve(path).name).toBe(name);
});

test.each(['/models/4/layer4/5', '/coupling/3/pair/0/best', '/nowhere'])('%s leads to the overview', async (path) => {
  await router.push(path);
  expect(router.currentRoute.value.name).toBe('overview');
});
