import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds. */
export interface Held {
  files: number;
  children: number;
  /** Resident memory. */
  mebibytes: number;
}

/** @param id of a process of this machine, which runs Linux */
export function heldBy(id: number): Held {
  const children = readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').trim();
  const pages = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))![1]);
  return {
    files: readdirSync(`/proc/${id}/fd`).length,
    children: children === '' ? 0 : children.split(' ').length,
    mebibytes: Math.round(pages / 1024),
  };
}
