import { UserError } from '../../src-preload/shared/domain/errors';
import type { Device } from '../../src-preload/shared/domain/engine';

/**
 * The device a choice stands for. `auto` is the CPU: the only one that is certain to be there; another is used when it is named,
 * and never silently.
 */
export function resolveDevice(choice: Device | 'auto'): Device {
  return choice === 'auto' ? 'cpu' : choice;
}

/** Turns the engine's failure to open a device into what the user can do about it. */
export function explainDeviceFailure(device: Device, caught: unknown): unknown {
  if (device === 'cpu' || caught instanceof UserError || !(caught instanceof Error)) return caught;
  if (!/webgpu|wgpu|dawn|adapter|cuda|provider|backend/i.test(caught.message)) return caught;
  return new UserError(
    { what: `the device ${device} cannot be used here`, found: lastSentence(caught.message), remedy: 'use --device cpu' },
    { cause: caught },
  );
}

/** ONNX Runtime puts source lines and conditions before what it has to say. */
function lastSentence(message: string): string {
  return message.split('\n')[0]!.split('was false. ').at(-1)!;
}
