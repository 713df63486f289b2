import { cutVoxels, divergingColour, drawScaled, nearestVoxel, paintCut, placesInMask, type Mm, type Plane } from '../ui/volume';
import { themeColour } from '../ui/trace';
import type { ReportData } from './data';
import type { ViewState } from './state';

const axes = { axial: [0, 1, 2], coronal: [0, 2, 1], sagittal: [1, 2, 0] } as const;
const letters = ['x', 'y', 'z'] as const;
const SCALE = 6;

type Change = (change: Partial<ViewState>) => void;

/** Three slices through one point, each with a slider, and the colours. */
export class MapViewer {
  private readonly places: Int32Array;
  private shown: { fbn: number; map: Float32Array } | undefined;

  constructor(
    private readonly data: ReportData,
    private readonly change: Change,
    private readonly state: () => ViewState,
  ) {
    this.places = placesInMask(data.voxels, data.page.grid);
    for (const plane of planes) this.listen(plane);
  }

  private listen(plane: Plane): void {
    const canvas = canvasOf(plane);
    const slider = sliderOf(plane);
    const axis = axes[plane][2];
    slider.max = String(this.data.page.grid.shape[axis] - 1);
    slider.addEventListener('input', () => this.moveTo(axis, Number(slider.value)));
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.moveTo(axis, Number(slider.value) + (event.deltaY > 0 ? -1 : 1));
    });
    canvas.addEventListener('keydown', (event) => {
      const step = { PageUp: 1, PageDown: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.moveTo(axis, Number(slider.value) + step);
    });
    canvas.addEventListener('pointerdown', (event) => this.pick(event, plane));
    canvas.addEventListener('pointermove', (event) => event.buttons === 1 && this.pick(event, plane));
  }

  /** Moves one axis to a slice, counted from inferior, posterior, left. */
  private moveTo(axis: 0 | 1 | 2, slice: number): void {
    const { shape, affine } = this.data.page.grid;
    const step = affine[axis * 5]!;
    const kept = Math.max(0, Math.min(shape[axis] - 1, slice));
    const mm: Mm = [...this.state().mm];
    mm[axis] = affine[axis * 4 + 3]! + step * (step > 0 ? kept : shape[axis] - 1 - kept);
    this.change({ mm });
  }

  private pick(event: PointerEvent, plane: Plane): void {
    const box = canvasOf(plane).getBoundingClientRect();
    const { shape, affine } = this.data.page.grid;
    const [across, up] = axes[plane];
    const share = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    const mm: Mm = [...this.state().mm];
    [across, up].forEach((axis, place) => {
      const step = affine[axis * 5]!;
      const slice = Math.max(0, Math.min(shape[axis] - 1, Math.floor(share[place]! * shape[axis])));
      mm[axis] = affine[axis * 4 + 3]! + step * (step > 0 ? slice : shape[axis] - 1 - slice);
    });
    this.change({ mm });
  }

  /** The map in sight, decoded once. */
  private map(fbn: number): Float32Array {
    if (this.shown?.fbn !== fbn) this.shown = { fbn, map: this.data.map(fbn) };
    return this.shown.map;
  }

  /** Where the map of an FBN is largest in size, in mm. */
  peak(fbn: number): Mm {
    const map = this.map(fbn);
    const { shape, affine } = this.data.page.grid;
    let best = 0;
    for (let n = 1; n < map.length; n++)
      if (!(Math.abs(map[n]!) <= Math.abs(map[best]!))) best = Number.isNaN(map[n]!) ? best : n;
    const voxel = this.data.voxels[best]!;
    const ijk = [voxel % shape[0], Math.floor(voxel / shape[0]) % shape[1], Math.floor(voxel / (shape[0] * shape[1]))];
    const one = (axis: number) => affine[axis * 4 + 3]! + affine[axis * 5]! * ijk[axis]!;
    return [one(0), one(1), one(2)];
  }

  draw(): void {
    const { fbn, mm, threshold } = this.state();
    const { grid, fbns } = this.data.page;
    const map = this.map(fbn);
    const { limit } = fbns[fbn]!;
    const least = threshold * limit;
    const at = nearestVoxel(grid, mm);
    const value = (voxel: number) => map[this.places[voxel]!] ?? NaN;
    const grey = (voxel: number) => (this.places[voxel]! < 0 ? 0 : 40 + 0.5 * this.data.grey(this.places[voxel]!));
    for (const plane of planes) {
      const cut = cutVoxels(grid, plane, at[axes[plane][2]]);
      const canvas = canvasOf(plane);
      [canvas.width, canvas.height] = [cut.width * SCALE, cut.height * SCALE];
      const context = canvas.getContext('2d')!;
      drawScaled(context, paintCut(cut, value, grey, [least, limit]), 0, 0, SCALE);
      this.drawMarks(context, plane, at);
      sliderOf(plane).value = String(this.slice(axes[plane][2], at));
    }
    this.describe(value(at[0] + grid.shape[0] * (at[1] + grid.shape[1] * at[2])), mm);
    drawScale(least, limit);
    document.getElementById('threshold-value')!.textContent = `|value| ≥ ${least.toPrecision(2)}`;
  }

  /** Slices count from inferior, posterior, left, whatever the grid's own direction. */
  private slice(axis: 0 | 1 | 2, at: Mm): number {
    const { shape, affine } = this.data.page.grid;
    return affine[axis * 5]! > 0 ? at[axis] : shape[axis] - 1 - at[axis];
  }

  private drawMarks(context: CanvasRenderingContext2D, plane: Plane, at: Mm): void {
    const { width, height } = context.canvas;
    const [across, up] = axes[plane];
    const x = (this.slice(across, at) + 0.5) * SCALE;
    const y = height - (this.slice(up, at) + 0.5) * SCALE;
    context.strokeStyle = '#ffffff88';
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.moveTo(0, y);
    context.lineTo(width, y);
    context.stroke();
    context.fillStyle = '#e6e8eb';
    context.font = '18px sans-serif';
    const [left, right] = plane === 'sagittal' ? ['P', 'A'] : ['L', 'R'];
    context.fillText(left!, 4, 20);
    context.textAlign = 'right';
    context.fillText(right!, width - 4, 20);
  }

  private describe(value: number, mm: Mm): void {
    const place = letters.map((letter, axis) => `${letter} ${String(Math.round(mm[axis]!)).replace('-', '−')}`).join('  ');
    const shown = Number.isNaN(value) ? 'outside the mask' : `value ${value.toPrecision(3).replace('-', '−')}`;
    document.getElementById('place')!.textContent = `${place} mm · ${shown}`;
  }
}

const planes: readonly Plane[] = ['axial', 'coronal', 'sagittal'];

function canvasOf(plane: Plane): HTMLCanvasElement {
  return document.querySelector<HTMLCanvasElement>(`canvas[data-plane=${plane}]`)!;
}

function sliderOf(plane: Plane): HTMLInputElement {
  return document.querySelector<HTMLInputElement>(`input[data-plane=${plane}]`)!;
}

/** The colours from minus to plus the limit, with its numbers and a notch at the threshold. */
function drawScale(least: number, limit: number): void {
  const canvas = document.getElementById('scale') as HTMLCanvasElement;
  const ratio = devicePixelRatio;
  const [width, height] = [canvas.clientWidth, 30];
  [canvas.width, canvas.height] = [width * ratio, height * ratio];
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  for (let x = 0; x < width; x++) {
    const [red, green, blue, alpha] = divergingColour(((2 * x + 1) / width - 1) * limit, least, limit);
    context.fillStyle = alpha ? `rgb(${red} ${green} ${blue})` : themeColour('--line');
    context.fillRect(x, 4, 1, 8);
  }
  context.fillStyle = themeColour('--text');
  for (const sign of [-1, 1]) context.fillRect((width * (1 + (sign * least) / limit)) / 2 - 0.5, 1, 1, 14);
  context.font = '11px sans-serif';
  context.fillText(`−${limit.toPrecision(2)}`, 0, 26);
  context.textAlign = 'right';
  context.fillText(limit.toPrecision(2), width, 26);
}
