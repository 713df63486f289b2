import type { Route, RouteInput, RouteOutputs } from '../../src-preload/shared/contract/routes';
import { on, onReconnect, request } from './host';

/** Answers to questions that will be asked soon, each for one taker; a change of the project makes them void. */
const answers = new Map<string, Promise<unknown>>();
const MOST = 32;
let listening = false;

/** Asks now what somebody is about to ask. Whoever asks then says what went wrong. */
export function askAhead<Name extends Route>(route: Name, input: RouteInput<Name>): void {
  listen();
  const key = keyOf(route, input);
  if (answers.has(key)) return;
  const answer = request(route, input);
  answers.set(key, answer);
  answer.catch(() => answers.get(key) === answer && answers.delete(key));
  for (const oldest of answers.keys()) {
    if (answers.size <= MOST) break;
    answers.delete(oldest);
  }
}

/** The answer to a question that was asked ahead; it is given once. */
export function takeAhead<Name extends Route>(route: Name, input: RouteInput<Name>): Promise<RouteOutputs[Name]> | undefined {
  const key = keyOf(route, input);
  const answer = answers.get(key);
  answers.delete(key);
  return answer as Promise<RouteOutputs[Name]> | undefined;
}

function keyOf(route: Route, input: unknown): string {
  return `${route} ${JSON.stringify(input)}`;
}

function listen(): void {
  if (listening) return;
  listening = true;
  const forget = () => answers.clear();
  on('project.changed', forget);
  on('app.changed', forget);
  onReconnect(forget);
}
