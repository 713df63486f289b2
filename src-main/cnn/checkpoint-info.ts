import { UserError } from '../../src-preload/shared/domain/errors';
import { openCheckpoint } from '../files/open-checkpoint';
import { architectures } from './architectures';
import { matchCheckpoint } from './match-checkpoint';

/** What a file of weights holds. */
export interface CheckpointInfo {
  file: string;
  format: string;
  tensors: { name: string; type: string; shape: number[] }[];
  values: number;
  /** The bundled definition that it is of; null where none fits. */
  architecture: string | null;
  classes: number | null;
  /** Why none fits, in words. */
  mismatch: string | null;
}

/** Lists the tensors of a checkpoint; none of them is read. @throws UserError as openCheckpoint does */
export async function readCheckpointInfo(path: string): Promise<CheckpointInfo> {
  const checkpoint = await openCheckpoint(path);
  try {
    const tensors = [...checkpoint.tensors].map(([name, { type, shape }]) => ({ name, type, shape: [...shape] }));
    const values = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
    const found = { file: path, format: checkpoint.format, tensors, values };
    try {
      const { architecture, classes } = matchCheckpoint(checkpoint, architectures);
      return { ...found, architecture: architecture.name, classes, mismatch: null };
    } catch (caught) {
      if (!(caught instanceof UserError)) throw caught;
      const { what, found: difference } = caught.details;
      return { ...found, architecture: null, classes: null, mismatch: difference ? `${what} (${difference})` : what };
    }
  } finally {
    await checkpoint.close();
  }
}
