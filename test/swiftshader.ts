import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from '../build/find-chromium.mjs';

/**
 * The environment in which a process finds Vulkan in software: SwiftShader and a Vulkan loader, both of which Chromium brings.
 * Undefined where there is no such Chromium.
 */
export function swiftShaderEnvironment(): Record<string, string> | undefined {
  const chromium = findChromium();
  // Debian's `chromium` is a script; what it starts lies in /usr/lib/chromium.
  const folders = [...(chromium ? [dirname(realpathSync(chromium))] : []), '/usr/lib/chromium'];
  const folder = folders.find((name) =>
    ['vk_swiftshader_icd.json', 'libvk_swiftshader.so', 'libvulkan.so.1'].every((file) => existsSync(join(name, file))),
  );
  if (folder === undefined) return undefined;
  return { VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder };
}
