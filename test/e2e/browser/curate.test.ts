import Sqlite from 'better-sqlite3';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { generateLargeProject } from '../../bench/large-project';
import { runCli, runJson, temporaryFolder } from '../cli';
import { startHost, type RunningHost } from './host';
import { startChromium, watchErrors } from './window';

/** A desk in a window whose host may be killed and started again at the same address, as after a crash. */
class DeskWindow {
  host!: RunningHost;
  page!: Page;
  errors: string[] = [];
  /** Events that the screen has shown as saved. */
  readonly saved = new Set<string>();
  private context!: BrowserContext;

  private constructor(
    private readonly browser: Browser,
    readonly project: string,
    private readonly port: number,
  ) {}

  static async open(project: string): Promise<DeskWindow> {
    const desk = new DeskWindow(await startChromium({ webgl: false }), project, await freePort());
    desk.context = await desk.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    desk.page = await desk.context.newPage();
    await desk.page.exposeFunction('tellSaved', (id: string) => void desk.saved.add(id));
    await desk.page.addInitScript(`new MutationObserver(() => {
      const id = document.querySelector('output[data-saved]')?.dataset.saved;
      if (id && id !== window.lastSaved) tellSaved((window.lastSaved = id));
    }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-saved'] })`);
    desk.errors = watchErrors(desk.page);
    await desk.start();
    return desk;
  }

  async start(): Promise<void> {
    this.host = await startHost(this.project, [], this.port);
    await this.page.goto(this.host.url);
    await this.page.locator('ol.board').waitFor();
    await this.page.evaluate(`location.hash = '#/curate'`);
    await this.page.getByRole('heading', { name: 'Curate' }).waitFor();
  }

  /** Gives a name, as the field that has the focus asks for it. */
  async begin(author: string): Promise<void> {
    await expect.poll(() => this.page.evaluate(() => document.activeElement?.tagName)).toBe('INPUT');
    await this.page.keyboard.insertText(author);
    await this.page.keyboard.press('Enter');
    await this.settle();
  }

  /** The desk is there, and nothing waits to be saved. */
  async settle(): Promise<void> {
    await this.page.locator('form[aria-label=Annotation]').waitFor();
    await expect.poll(() => this.waiting(), { timeout: 30_000 }).toBe(0);
  }

  waiting(): Promise<number> {
    return this.page.evaluate(() =>
      Object.entries(localStorage)
        .filter(([name]) => name.startsWith('syncact-outbox'))
        .reduce((sum, [, text]) => sum + (JSON.parse(String(text)) as unknown[]).length, 0),
    );
  }

  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.host.process.once('exit', resolve));
    this.host.process.kill('SIGKILL');
    await gone;
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.host.stop();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

let desk: DeskWindow | undefined;
/** A project as if the method had been gone through, with more pairs than are curated here: made once, in seconds. */
const made = join(temporaryFolder(), 'made/curated.syncact');
beforeAll(async () => {
  const size = { subjects: 3, movieRuns: 2, models: 1, layersPerModel: 2, filtersPerLayer: [40, 60], fbns: 64 };
  mkdirSync(dirname(made));
  await generateLargeProject(made, { ...size, voxelMm: 8, timePoints: 120 });
}, 120_000);

function copyOfProject(): string {
  const copy = join(temporaryFolder(), 'curated.syncact');
  cpSync(made, copy, { recursive: true });
  return copy;
}
afterEach(async () => {
  await desk?.close();
  desk = undefined;
});

const PAIRS = 200;
const KILLS = 20;
const UNDONE = 50;

/** Decides on the pair in hand, in one of the ways there are. @returns how many actions that is */
async function decideByKey(page: Page, place: number): Promise<number> {
  const { keyboard } = page;
  switch (place % 5) {
    case 0:
      await keyboard.press('a');
      return 1;
    case 1:
      await keyboard.press('x');
      return 1;
    case 2:
      await keyboard.press('e');
      // Somebody who writes sees the field first; a host that goes at that very moment redraws the screen.
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('TEXTAREA');
      await keyboard.insertText(`faces ${place}`);
      await keyboard.press('Control+Enter');
      return 1;
    case 3:
      await keyboard.press('f');
      await keyboard.press('r');
      await keyboard.press('a');
      return 2;
    default:
      await keyboard.press(' ');
      return 1;
  }
}

interface Exported {
  annotations: { event: string; decided_at: string; status: string; fbn_description: string }[];
}
/** What stands, read from the log by a program that has seen nothing of the window. */
async function readLog(project: string): Promise<Exported['annotations']> {
  return (await runJson<Exported>('annotations', 'list', project)).annotations;
}

test(
  `${PAIRS} pairs by keyboard alone, ${UNDONE} undone and redone, the host killed ${KILLS} times: what was shown as saved is there`,
  { timeout: 420_000 },
  async () => {
    desk = await DeskWindow.open(copyOfProject());
    const { page } = desk;
    await desk.begin('Ana');
    let actions = 0;
    for (let place = 0; place < PAIRS; place++) {
      // The host goes in the middle: some actions are saved, some are on their way, some are made while nobody answers.
      if (place % (PAIRS / KILLS) === 5) await desk.kill();
      actions += await decideByKey(page, place);
      if (place % (PAIRS / KILLS) === 7) {
        await page.getByText('Not saved').waitFor();
        await desk.start();
        await desk.settle();
      }
    }
    await desk.settle();
    expect(desk.saved.size).toBeGreaterThan(PAIRS / 2);
    const decided = page.getByText(/of \d+ decided/);
    await expect.poll(() => decided.innerText()).toMatch(/^160 of/);
    const shown = () => page.evaluate(async () => (await (await fetch('/resource/annotations.json')).json()) as Exported);
    const before = await shown();
    expect(before.annotations).toHaveLength(PAIRS);
    const edited = before.annotations.flatMap(({ status, fbn_description }) => (status === 'edited' ? [fbn_description] : []));
    const written = Array.from({ length: PAIRS / 5 }, (_, i) => `faces ${i * 5 + 2}`);
    expect(edited.sort()).toEqual(written.sort());

    for (let step = 0; step < UNDONE; step++) await page.keyboard.press('Backspace');
    await desk.settle();
    await page.reload();
    await desk.settle();
    const undone = await shown();
    expect(undone.annotations.length).toBeLessThan(PAIRS);
    for (let step = 0; step < UNDONE; step++) await page.keyboard.press('Shift+Backspace');
    await desk.settle();
    expect(await shown()).toEqual(before);

    await desk.kill();
    const log = await runCli('annotations', 'export', desk.project, '--format', 'jsonl');
    const events = log.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; kind: string });
    const ids = new Set(events.map(({ id }) => id));
    expect([...desk.saved].filter((id) => !ids.has(id))).toEqual([]);
    // Nothing was lost, and nothing was written twice.
    expect(events.filter(({ kind }) => kind === 'decision')).toHaveLength(actions);
    expect(ids.size).toBe(events.length);
    expect(await readLog(desk.project)).toEqual(before.annotations);
    expect(await runJson('check', desk.project)).toMatchObject({ problems: [] });
    await desk.start();
  },
);

/** What keeps a project from being written, and how it ends; undefined where this machine cannot do it. */
const obstacles: [name: string, said: RegExp, begin: (project: string) => (() => void) | undefined][] = [
  [
    'another program has locked the database',
    /^Not saved.*another program has locked/,
    (project) => {
      const other = new Sqlite(join(project, 'project.sqlite'));
      other.exec('BEGIN IMMEDIATE');
      return () => {
        other.exec('ROLLBACK');
        other.close();
      };
    },
  ],
  [
    'the project may only be read',
    /^Not saved.*may only be read/,
    (project) => {
      const files = ['project.sqlite', 'project.sqlite-wal'].map((name) => join(project, name));
      const seal = (sign: '+' | '-') => execFileSync('chattr', [`${sign}i`, ...files], { stdio: 'ignore' });
      try {
        seal('+');
      } catch {
        return undefined;
      }
      return () => seal('-');
    },
  ],
];

test.each(obstacles)(
  'while %s the screen says not saved, keeps the text, and saves when it can',
  { timeout: 120_000 },
  async (_name, said, begin) => {
    desk = await DeskWindow.open(copyOfProject());
    const { page } = desk;
    await desk.begin('Ana');
    const end = begin(desk.project);
    if (!end) return console.log('not run: this user may not seal files against writing, or the file system cannot');
    try {
      await page.keyboard.press('e');
      await page.keyboard.insertText('written while it could not be saved');
      await page.keyboard.press('Control+Enter');
      await page.getByText(said).waitFor();
      expect(desk.saved.size).toBe(0);
      await page.keyboard.press('k');
      expect(await page.getByLabel('FBN stands for').inputValue()).toBe('written while it could not be saved');
      await page.reload();
      await page.getByText(/^Not saved/).waitFor();
    } finally {
      end();
    }
    await page.getByText(/^saved \d/).waitFor();
    const row = { fbn_description: 'written while it could not be saved', status: 'edited' };
    expect(await readLog(desk.project)).toMatchObject([row]);
    expect(desk.errors.filter((error) => !error.includes('ERR_'))).toEqual([]);
  },
);

test(
  'the form does not scroll at 1280 × 800, whatever is in it, and what is written there is text',
  { timeout: 120_000 },
  async () => {
    desk = await DeskWindow.open(copyOfProject());
    const { page } = desk;
    await desk.begin('Ana');
    for (let tag = 1; tag <= 12; tag++) {
      await page.getByLabel('Add a tag').fill(`tag with a long name ${tag}`);
      await page.keyboard.press('Enter');
    }
    await page.getByLabel('FBN stands for').fill('<img src=x onerror="document.title=1"> '.repeat(20));
    await page.getByLabel('Note', { exact: true }).fill('line\n'.repeat(40));
    await page.keyboard.press('Escape');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    await desk.settle();
    for (const part of ['form[aria-label=Annotation]', 'form[aria-label=Annotation] > .fields']) {
      const overflow = await page.locator(part).evaluate((element) => element.scrollHeight - element.clientHeight);
      expect(overflow, part).toBeLessThanOrEqual(0);
    }
    const reject = (await page.getByRole('button', { name: /^Reject/ }).boundingBox())!;
    expect(reject.y + reject.height).toBeLessThanOrEqual(800 - 28);
    await page.keyboard.press('h');
    await page.getByRole('dialog').getByText('<img src=x').first().waitFor();
    expect(await page.locator('img[src=x]').count()).toBe(0);
  },
);
