import type { Page } from 'playwright-core';

/** Milliseconds from the start of a load to the first frame with the board's content. */
export async function firstPaint(page: Page): Promise<number> {
  await page.goto(new URL('/#/overview', page.url()).href);
  await page.reload({ waitUntil: 'commit' });
  return (await page.evaluate(`(async () => {
    while (document.querySelectorAll('ol.board li dd').length === 0) await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now();
  })()`)) as number;
}

/** Milliseconds from the click on a screen's link to the first frame in which it can be used. */
export async function timeScreen(page: Page, name: string, ready: string): Promise<number> {
  return (await page.evaluate(`(async () => {
    const link = document.querySelector('nav a[href$="#/${name}"]');
    const start = performance.now();
    link.click();
    while (!document.querySelector('main h1') || !location.hash.startsWith('#/${name}') || !document.querySelector('main ${ready}')) {
      if (performance.now() - start > 20000) throw new Error('${name} does not show ${ready}');
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - start;
  })()`)) as number;
}

/** Opens the list of the coupling that has most pairs. */
export async function openLongestList(page: Page): Promise<void> {
  await page.evaluate(`(async () => {
    const reply = await fetch('/api/request', { method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ route: 'couplings.list', input: {} }) });
    const { data } = await reply.json();
    location.hash = '#/coupling/' + data.reduce((a, b) => (b.pairs > a.pairs ? b : a)).id;
  })()`);
  await page.locator('[role=grid][aria-label=Pairs] [role=row][aria-rowindex="2"]').waitFor();
  await page.waitForTimeout(1000);
}

/** Opens the longest list of pairs and scrolls it for three seconds, eight rows in every frame. */
export async function scrollPairs(page: Page): Promise<{ framesPerSecond: number; worstFrame: number; rows: number }> {
  await openLongestList(page);
  return (await page.evaluate(`(async () => {
    const grid = document.querySelector('[role=grid][aria-label=Pairs]');
    const start = performance.now();
    let frames = 0, last = start, worst = 0;
    while (performance.now() - start < 3000) {
      grid.scrollTop += 224;
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const now = performance.now();
      worst = Math.max(worst, now - last);
      last = now;
      frames++;
    }
    return { framesPerSecond: (1000 * frames) / (last - start), worstFrame: worst, rows: Number(grid.getAttribute('aria-rowcount')) - 1 };
  })()`)) as { framesPerSecond: number; worstFrame: number; rows: number };
}

/** Opens a pair and goes to the next one many times. @returns milliseconds from each key to the trace and the volume being drawn */
export async function changePairs(page: Page, count: number): Promise<{ traces: number[]; volumes: number[] }> {
  await page.evaluate(`document.querySelector('[role=grid][aria-label=Pairs]').scrollTop = 0`);
  await page.locator('[role=grid][aria-label=Pairs] [role=row][aria-rowindex="2"]').dblclick();
  await page.locator('.uplot').first().waitFor();
  await page.evaluate(`(async () => {
    while (performance.getEntriesByName('volume-drawn').length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  })()`);
  await page.waitForTimeout(1500);
  const [traces, volumes]: [number[], number[]] = [[], []];
  for (let change = 0; change < count; change++) {
    const [trace, volume] = (await page.evaluate(`(async () => {
      const start = performance.now();
      const since = (name) => performance.getEntriesByName(name).find((entry) => entry.startTime > start)?.startTime;
      window.dispatchEvent(new KeyboardEvent('keydown', { key: ']', bubbles: true }));
      while (since('trace-drawn') === undefined || since('volume-drawn') === undefined) {
        if (performance.now() - start > 10000) throw new Error('the next pair was not drawn');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return [since('trace-drawn') - start, since('volume-drawn') - start];
    })()`)) as [number, number];
    traces.push(trace);
    volumes.push(volume);
    await page.waitForTimeout(150);
  }
  return { traces, volumes };
}
