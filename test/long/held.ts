import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import WebSocket from 'ws';

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

/** What a process of Node holds after its garbage is collected, in MiB. */
export interface Kept {
  /** Objects of JavaScript and the buffers that they hold: what only a leak or a cache lets grow. */
  kept: number;
  /** Resident memory, with what the allocators keep for the next time. */
  resident: number;
}

/**
 * Opens the inspector of a running process of Node, which must have been started with `--inspect-port=0`, and hears its standard error.
 * @returns what asks it to collect its garbage and tell what it holds
 */
export async function askWhatIsKept(child: ChildProcess): Promise<() => Promise<Kept>> {
  const address = new Promise<string>((resolve) =>
    child.stderr!.on('data', (chunk: Buffer) => {
      const found = /ws:\S+/.exec(chunk.toString());
      if (found) resolve(found[0]);
    }),
  );
  child.kill('SIGUSR1');
  const socket = new WebSocket(await address, { perMessageDeflate: false });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let sent = 0;
  const send = (method: string, params: object = {}) =>
    new Promise<{ result: { value?: string } }>((resolve) => {
      const id = ++sent;
      socket.on('message', function hear(data: Buffer) {
        const answer = JSON.parse(data.toString()) as { id?: number; result: { result: { value?: string } } };
        if (answer.id !== id) return;
        socket.off('message', hear);
        resolve(answer.result);
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  return async () => {
    // What the first collection finalizes, the second one frees.
    for (let i = 0; i < 2; i++) await send('HeapProfiler.collectGarbage');
    const { result } = await send('Runtime.evaluate', { expression: 'JSON.stringify(process.memoryUsage())' });
    const { heapUsed, external, rss } = JSON.parse(result.value!) as NodeJS.MemoryUsage;
    return { kept: Math.round((heapUsed + external) / 2 ** 20), resident: Math.round(rss / 2 ** 20) };
  };
}
