import { completeSettings } from '../../embedding/settings';
import { tryPlace } from '../../embedding/trial';
import { placeOf } from '../place';
import type { TaskHandler } from '../process';

/** Whether an engine can train on a device, and how fast where that is asked: first on next to nothing, then in real size. */
export const tryDeviceTask: TaskHandler<'try-device'> = async (input, context) => {
  context.progress({ stage: `trying ${input.device}`, done: 0, total: 0, unit: 'steps' });
  const place = await placeOf(input);
  const settings = completeSettings({ ...input.settings });
  const small = { settings: { ...settings, fbns: settings.heads, batchSize: 1 }, voxels: 16, time: 4 };
  const { provider } = await tryPlace(place, small);
  const opened = { provider, engineVersion: place.engine.version };
  if (!input.timed) return { ...opened, secondsPerSample: null };
  const { secondsPerSample } = await tryPlace(place, { settings, voxels: input.voxels, time: input.time });
  return { ...opened, secondsPerSample };
};
