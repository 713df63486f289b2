import type { BrowserWindow, Rectangle } from 'electron';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { writeContentAtomically } from '../../files/atomic-write';

const schema = z.object({
  ...{ x: z.number().int(), y: z.number().int(), width: z.number().int().positive(), height: z.number().int().positive() },
  ...{ maximised: z.boolean(), fullScreen: z.boolean() },
});
export type WindowState = z.infer<typeof schema>;

export const smallestSize = { width: 1024, height: 640 };
const usualSize = { width: 1440, height: 900 };
/** So much of the window's upper edge must be on a display for the user to get hold of it. */
const HANDLE = { width: 120, height: 24 };
const SAVE_DELAY_MS = 500;

/**
 * Size and, where the user could still reach it there, position of the window; without a position the system chooses one.
 * @param displays their work areas, the primary one first
 */
export function chooseBounds(saved: WindowState | undefined, displays: readonly Rectangle[]): Partial<Rectangle> {
  const display = saved && displays.find((area) => isReachable(saved, area));
  const size = fit(saved ?? usualSize, display ?? displays[0]);
  return display ? { x: saved.x, y: saved.y, ...size } : size;
}

function isReachable({ x, y, width }: Rectangle, area: Rectangle): boolean {
  const seen = Math.min(x + width, area.x + area.width) - Math.max(x, area.x);
  return seen >= HANDLE.width && y >= area.y && y + HANDLE.height <= area.y + area.height;
}

function fit({ width, height }: { width: number; height: number }, area: Rectangle | undefined) {
  return {
    width: Math.max(smallestSize.width, Math.min(width, area?.width ?? width)),
    height: Math.max(smallestSize.height, Math.min(height, area?.height ?? height)),
  };
}

/** Keeps where the window was in a JSON file; a file that cannot be read counts as none. */
export class WindowStateFile {
  private lastWrite: Promise<void> = Promise.resolve();

  constructor(private readonly file: string) {}

  read(): WindowState | undefined {
    try {
      return schema.parse(JSON.parse(readFileSync(this.file, 'utf8')));
    } catch {
      return undefined;
    }
  }

  /** Writes the window's state a moment after it was moved or resized, and when it closes. */
  keep(window: BrowserWindow): void {
    let timer: NodeJS.Timeout | undefined;
    const saveNow = () => {
      clearTimeout(timer);
      if (!window.isDestroyed()) this.save(window);
    };
    const saveSoon = () => {
      clearTimeout(timer);
      timer = setTimeout(saveNow, SAVE_DELAY_MS);
    };
    window.on('move', saveSoon);
    window.on('resize', saveSoon);
    window.on('close', saveNow);
  }

  /** Resolves when everything is on the disk. */
  get written(): Promise<void> {
    return this.lastWrite;
  }

  private save(window: BrowserWindow): void {
    const { x, y, width, height } = window.getNormalBounds();
    const state: WindowState = { x, y, width, height, maximised: window.isMaximized(), fullScreen: window.isFullScreen() };
    mkdirSync(dirname(this.file), { recursive: true });
    // One after the other: the last state is the one that stays. Where it cannot be written, the window opens as it usually does.
    this.lastWrite = this.lastWrite
      .then(() => writeContentAtomically(this.file, JSON.stringify(state)))
      .catch((caught: unknown) => console.error('The place of the window could not be kept:', caught));
  }
}
