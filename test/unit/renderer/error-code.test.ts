// @vitest-environment happy-dom
import { mount } from '@vue/test-utils';
import { afterEach, expect, test, vi } from 'vitest';
import { UserError } from '../../../src-preload/shared/domain/errors';
import ErrorCodesPage from '../../../src-renderer/app/ErrorCodesPage.vue';
import { nextStep } from '../../../src-renderer/composables/nextStep';
import ErrorCode from '../../../src-renderer/ui/ErrorCode.vue';
import { splitText } from '../../../src-renderer/ui/error-explanations';
import ScreenState from '../../../src-renderer/ui/ScreenState.vue';

afterEach(() => document.body.replaceChildren());

test('a failed screen names the code; a click explains it, and it can be copied', async () => {
  const error = new UserError({ code: 'disk-full', what: 'the disk is full', file: '/x/a.nii' });
  const screen = mount(ScreenState, { props: { error }, attachTo: document.body });
  const writeText = vi.fn(async (_text: string) => {});
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  await screen.get('.state button.code').trigger('click');
  const dialog = document.querySelector('[role=dialog]')!;
  expect(dialog.textContent).toContain('There is no space left');
  expect(dialog.textContent).toMatch(/What to do.*Free some space/s);
  [...dialog.querySelectorAll('button')].find((button) => button.textContent === 'Copy code')!.click();
  expect(writeText).toHaveBeenCalledWith('disk-full');
  await screen
    .findAll('button')
    .find((button) => button.text() === 'Copy details')!
    .trigger('click');
  expect(writeText).toHaveBeenLastCalledWith('the disk is full: /x/a.nii [disk-full]');
});

test('an error without a code shows none', () => {
  expect(mount(ErrorCode, { props: {} }).find('button').exists()).toBe(false);
});

test('all codes are explained in the window, and found by their words', async () => {
  const page = mount(ErrorCodesPage);
  expect(page.findAll('details').length).toBeGreaterThan(35);
  await page.get('input').setValue('quota');
  expect(page.findAll('details').map((one) => one.get('summary .code').text())).toEqual(['disk-full']);
  await page.get('input').setValue('nothing of the sort');
  expect(page.text()).toContain('No code');
});

test('what is marked in an explanation is told apart', () => {
  expect(splitText('Use `npm ci` or *Help*; see [backups](a.md#b).')).toEqual([
    { kind: 'text', text: 'Use ' },
    { kind: 'code', text: 'npm ci' },
    { kind: 'text', text: ' or ' },
    { kind: 'em', text: 'Help' },
    { kind: 'text', text: '; see backups.' },
  ]);
});

test('an earlier step that is missing is a button away, where an error names it', async () => {
  const missing = (remedy: string) => new UserError({ code: 'earlier-step-missing', what: 'not yet', remedy });
  expect(nextStep(missing('train one with `syncact train`'))?.path).toBe('/embedding?action=train');
  expect(nextStep(missing('run "syncact couple"'))?.path).toBe('/coupling?action=couple');
  expect(nextStep(missing('choose at least one'))).toBeUndefined();
  expect(nextStep(new UserError({ code: 'disk-full', what: 'x', remedy: 'run `syncact train`' }))).toBeUndefined();
  const error = missing('train one with `syncact train`');
  const screen = mount(ScreenState, { props: { error, errorAction: nextStep(error)!.label } });
  await screen
    .findAll('button')
    .find((button) => button.text() === 'Train an embedding')!
    .trigger('click');
  expect(screen.emitted('mend')).toHaveLength(1);
});
