import { Worker } from 'node:worker_threads';
import { CancelledError } from '../../src-preload/shared/domain/errors';
import { locateFfmpeg, LOG_ARGUMENTS, parseLogLine, type LogLine } from './ffmpeg';

/** Places of the counters that both threads share. Counts of bytes run on past 2³¹ and wrap; only differences are used. */
const [WRITTEN, READ, ENDED] = [0, 1, 2];

interface WorkerInput {
  command: string;
  parameters: string[];
  bytes: SharedArrayBuffer;
  counters: SharedArrayBuffer;
}

type WorkerMessage = { type: 'log'; text: string } | { type: 'end'; code: number | null } | { type: 'failed'; message: string };

/**
 * FFmpeg's output, read by a thread of its own into a ring of bytes: a CNN that runs blocks the JavaScript thread, and FFmpeg would
 * stand still as soon as its pipe is full (64 KiB, half a frame).
 */
export class FfmpegRing {
  private readonly bytes: Uint8Array;
  private readonly counters: Int32Array;
  private readonly worker: Worker;
  private failure: Error | undefined;
  /** Resolves with FFmpeg's exit status when it has ended and all its log is told. */
  readonly finished: Promise<number | null>;

  /** @param ahead bytes that may be decoded ahead, at least */
  constructor(parameters: readonly string[], ahead: number, onLine: (line: LogLine) => void, signal: AbortSignal) {
    // A power of two, so that places stay right when the counters wrap.
    const bytes = new SharedArrayBuffer(2 ** Math.ceil(Math.log2(ahead)));
    const counters = new SharedArrayBuffer(12);
    this.bytes = new Uint8Array(bytes);
    this.counters = new Int32Array(counters);
    const workerData: WorkerInput = { command: locateFfmpeg(), parameters: [...LOG_ARGUMENTS, ...parameters], bytes, counters };
    this.worker = new Worker(`(${pump.toString()})()`, { eval: true, workerData });
    const stop = () => this.stop();
    signal.addEventListener('abort', stop, { once: true });
    let rest = '';
    this.finished = new Promise<number | null>((resolve, reject) => {
      this.worker.on('message', (message: WorkerMessage) => {
        if (message.type === 'end') resolve(message.code);
        else if (message.type === 'failed') reject(new Error(message.message));
        else {
          const lines = (rest + message.text).split(/[\r\n]+/);
          rest = lines.pop() ?? '';
          for (const line of lines) if (line) onLine(parseLogLine(line));
        }
      });
      this.worker.on('error', reject);
      this.worker.on('exit', () => resolve(null));
    })
      .then((code) => {
        if (rest) onLine(parseLogLine(rest));
        return code;
      })
      .finally(() => {
        signal.removeEventListener('abort', stop);
        this.wake();
      });
    this.finished.catch((caught: unknown) => (this.failure = caught as Error));
  }

  /** Fills `into` as far as bytes come; resolves with how many there were before the end. */
  async read(into: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < into.byteLength) {
      const written = Atomics.load(this.counters, WRITTEN!);
      const read = Atomics.load(this.counters, READ!);
      const there = (written - read) | 0;
      if (there === 0) {
        if (this.failure) throw this.failure;
        if (Atomics.load(this.counters, ENDED!) !== 0) return filled;
        await Atomics.waitAsync(this.counters, WRITTEN!, written).value;
        continue;
      }
      const at = this.place(read);
      const count = Math.min(there, into.byteLength - filled, this.bytes.byteLength - at);
      into.set(this.bytes.subarray(at, at + count), filled);
      filled += count;
      Atomics.add(this.counters, READ!, count);
      Atomics.notify(this.counters, READ!);
    }
    return filled;
  }

  /** Ends FFmpeg and the thread; harmless when they have ended. */
  stop(): void {
    Atomics.store(this.counters, ENDED!, 1);
    this.failure ??= new CancelledError();
    this.worker.postMessage('stop');
    this.wake();
  }

  private place(count: number): number {
    return (count >>> 0) % this.bytes.byteLength;
  }

  private wake(): void {
    Atomics.notify(this.counters, WRITTEN!);
    Atomics.notify(this.counters, READ!);
  }
}

/**
 * What the thread does. It is handed over as text, so that it needs no file of its own wherever the program is started from: it may
 * refer to nothing outside of itself.
 */
function pump(): void {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
  const { spawn } = process.getBuiltinModule('node:child_process');
  const { command, parameters, bytes, counters } = workerData as WorkerInput;
  const ring = new Uint8Array(bytes);
  const counts = new Int32Array(counters);
  const port = parentPort!;
  const child = spawn(command, parameters, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
  let isStopped = false;
  port.on('message', () => {
    isStopped = true;
    child.kill('SIGKILL');
    Atomics.notify(counts, 1);
  });
  const write = async (chunk: Buffer): Promise<void> => {
    let done = 0;
    while (done < chunk.length && !isStopped) {
      const read = Atomics.load(counts, 1);
      const written = Atomics.load(counts, 0);
      const free = ring.length - ((written - read) | 0);
      if (free === 0) {
        await Atomics.waitAsync(counts, 1, read).value;
        continue;
      }
      const at = (written >>> 0) % ring.length;
      const count = Math.min(free, chunk.length - done, ring.length - at);
      ring.set(chunk.subarray(done, done + count), at);
      done += count;
      Atomics.add(counts, 0, count);
      Atomics.notify(counts, 0);
    }
  };
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => port.postMessage({ type: 'log', text }));
  child.on('error', (caught) => {
    Atomics.store(counts, 2, 1);
    port.postMessage({ type: 'failed', message: `FFmpeg cannot be started: ${caught.message}` });
    process.exit();
  });
  const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
  void (async () => {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) await write(chunk);
    const code = await closed;
    Atomics.store(counts, 2, 1);
    Atomics.notify(counts, 0);
    port.postMessage({ type: 'end', code });
    port.close();
  })();
}
