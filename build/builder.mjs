/** Not installed with the program: 283 packages, which only packing needs. It is fetched from the registry by `npx`, or by the test of it. */
export const BUILDER = 'electron-builder@26.17.0';
