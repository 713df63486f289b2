/** How a part of the long tests ends that cannot be run on this machine, which is neither passed nor failed. */
export const NOT_RUN = 77;

/** Ends this process: its part was not run. */
export function notRun(what: string, reason: string): never {
  console.log(`${what} NOT RUN: ${reason}`);
  process.exit(NOT_RUN);
}
