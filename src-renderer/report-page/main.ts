import { onThemeChange } from '../ui/trace';
import { ReportData } from './data';
import { MapViewer } from './maps';
import type { ViewState } from './state';
import { TraceViewer } from './traces';

/** Brings a report's page to life: everything else in it can be read without this. */
function start(): void {
  const data = new ReportData();
  const { fbns, runs } = data.page;
  const state: ViewState = {
    ...{ fbn: 0, run: 0, from: 0, to: runs[0]!.timePoints - 1, cursor: 0, mm: [0, 0, 0], threshold: 0.4 },
  };
  let isDue = false;
  const change = (changed: Partial<ViewState>) => {
    const isOther = changed.fbn !== undefined && changed.fbn !== state.fbn;
    Object.assign(state, changed);
    if (isOther) select('fbn').value = String(state.fbn);
    if (isOther) state.mm = maps.peak(state.fbn);
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  const draw = () => {
    isDue = false;
    maps.draw();
    traces.draw();
    document.getElementById('terms')!.textContent = fbns[state.fbn]!.terms;
  };
  const goTo = (fbn: number) => {
    change({ fbn: (fbn + fbns.length) % fbns.length });
    traces.showRow();
  };
  const maps = new MapViewer(data, change, () => state);
  const traces = new TraceViewer(data, change, () => state);

  state.mm = maps.peak(0);
  select('fbn').addEventListener('change', (event) => goTo(Number((event.target as HTMLSelectElement).value)));
  select('run').addEventListener('change', (event) => {
    const run = Number((event.target as HTMLSelectElement).value);
    const last = runs[run]!.timePoints - 1;
    change({ run, from: 0, to: last, cursor: Math.min(state.cursor, last) });
  });
  document.getElementById('previous')!.addEventListener('click', () => goTo(state.fbn - 1));
  document.getElementById('next')!.addEventListener('click', () => goTo(state.fbn + 1));
  document.getElementById('whole')!.addEventListener('click', () => change({ from: 0, to: runs[state.run]!.timePoints - 1 }));
  document
    .getElementById('threshold')!
    .addEventListener('input', (event) => change({ threshold: Number((event.target as HTMLInputElement).value) }));
  for (const id of ['detail', 'rows']) {
    document.getElementById(id)!.addEventListener('keydown', (event) => {
      const act = {
        ArrowLeft: () => traces.step(event.shiftKey ? -10 : -1),
        ArrowRight: () => traces.step(event.shiftKey ? 10 : 1),
        ArrowUp: () => goTo(state.fbn - 1),
        ArrowDown: () => goTo(state.fbn + 1),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  }
  new ResizeObserver(() => change({})).observe(document.getElementById('explorer')!);
  onThemeChange(() => change({}));
  draw();
  performance.mark('report-drawn');
}

function select(id: string): HTMLSelectElement {
  return document.getElementById(id) as HTMLSelectElement;
}

if (document.getElementById('data')) start();
