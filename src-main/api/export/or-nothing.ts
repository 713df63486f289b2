import { UserError } from '../../../src-preload/shared/domain/errors';

/** What a project does not hold is left out of its report. @returns one part, or none */
export async function orNothing<Part>(make: () => Part | Promise<Part>): Promise<Part[]> {
  try {
    return [await make()];
  } catch (caught) {
    if (caught instanceof UserError) return [];
    throw caught;
  }
}
