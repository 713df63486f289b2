import type { ComputationPlace } from './computation';
import { buildWidening } from './graphs';

const known = new Map<string, Promise<boolean>>();

/**
 * Whether samples can be handed to a place in float16, as run files hold them, which spares half of what travels to a GPU: tfjs knows
 * no float16, and not every GPU does. Found out once per process, by converting two numbers.
 */
export function takesFloat16({ engine, device }: Pick<ComputationPlace, 'engine' | 'device'>): Promise<boolean> {
  const key = `${engine.name} ${device}`;
  let answer = known.get(key);
  if (!answer) known.set(key, (answer = convertsTwoNumbers({ engine, device })));
  return answer;
}

async function convertsTwoNumbers({ engine, device }: Pick<ComputationPlace, 'engine' | 'device'>): Promise<boolean> {
  if (engine.name === 'tfjs') return false;
  if (device === 'cpu') return true;
  const session = await engine.createSession(buildWidening(), { device });
  try {
    const data = new Uint16Array(new Float16Array([1, -2.5]).buffer);
    const { values } = await session.run({ sample: { type: 'float16', dims: [1, 2], data } });
    return values!.data[0] === 1 && values!.data[1] === -2.5;
  } catch {
    return false;
  } finally {
    await session.release();
  }
}
