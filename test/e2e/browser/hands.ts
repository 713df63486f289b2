import type { Page } from 'playwright-core';

/** How a person works: with the mouse, or with the keyboard only. Names are accessible names. */
export interface Hands {
  press(name: string | RegExp): Promise<void>;
  /** Writes into a field. */
  write(label: string, text: string): Promise<void>;
  /** Goes to the first row of a table and opens it. */
  openFirstRow(table: string): Promise<void>;
  /** Sets the cursor into a trace. */
  moveCursor(trace: RegExp): Promise<void>;
}

const pressable = 'button, a, [role="tab"], summary, [role="menuitem"]';

export function mouse(page: Page): Hands {
  return {
    press: (name) => page.locator(`${pressable}, label`).filter({ visible: true }).and(byName(page, name)).last().click(),
    write: (label, text) => page.getByLabel(label, { exact: true }).fill(text),
    openFirstRow: (table) => page.getByRole('grid', { name: table }).getByRole('row').nth(1).dblclick(),
    moveCursor: async (trace) => {
      const plot = page.getByRole('img', { name: trace }).first();
      const box = (await plot.boundingBox())!;
      await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.4);
    },
  };
}

/** Only keys: Tab to what is meant, then Enter, Space or letters. */
export function keyboard(page: Page): Hands {
  return {
    async press(name) {
      await tabTo(page, name);
      await page.keyboard.press((await focusedRole(page)) === 'checkbox' ? 'Space' : 'Enter');
    },
    async write(label, text) {
      await tabTo(page, label);
      await page.keyboard.press('Control+A');
      await page.keyboard.insertText(text);
    },
    async openFirstRow(table) {
      await page.getByRole('grid', { name: table }).getByRole('row').nth(1).waitFor();
      await tabTo(page, table, 'grid');
      await page.keyboard.press('Home');
      await page.keyboard.press('Enter');
    },
    async moveCursor() {
      for (let step = 0; step < 3; step++) await page.keyboard.press('Shift+ArrowRight');
    },
  };
}

function byName(page: Page, name: string | RegExp) {
  const roles = ['button', 'link', 'tab', 'menuitem', 'option'] as const;
  const exact = typeof name === 'string' ? { name, exact: true } : { name };
  const [first, ...others] = roles.map((role) => page.getByRole(role, exact));
  return others.reduce((any, one) => any.or(one), first!).or(page.locator('summary').filter({ hasText: name }));
}

const MOST_TABS = 160;
/** What a slow machine has still to show is not passed yet: Tab goes round again. */
const LONGEST_MILLISECONDS = 20_000;

/** Presses Tab until what has this accessible name, and this role where one is given, is focused. */
async function tabTo(page: Page, name: string | RegExp, role?: string): Promise<void> {
  const end = performance.now() + LONGEST_MILLISECONDS;
  for (let tabs = 0; tabs < MOST_TABS || performance.now() < end; tabs++) {
    const focused = await focusedName(page);
    const isNamed = typeof name === 'string' ? focused === name : name.test(focused);
    const isMeant = !role || (await page.evaluate(() => document.activeElement?.getAttribute('role') ?? '')) === role;
    if (isNamed && isMeant) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`nothing called ${String(name)} can be reached with Tab`);
}

function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLElement | null;
    if (!element || element === document.body) return '';
    const label = element.getAttribute('aria-label') ?? (element as HTMLInputElement).labels?.[0]?.textContent;
    return (label ?? element.textContent).replace(/\s+/g, ' ').trim();
  });
}

function focusedRole(page: Page): Promise<string> {
  return page.evaluate(() => ((document.activeElement as HTMLInputElement | null)?.type === 'checkbox' ? 'checkbox' : ''));
}
