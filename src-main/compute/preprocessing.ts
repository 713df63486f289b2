import type { PreprocessingChoice } from '../../src-preload/shared/contract/compute-tasks';
import { IMAGENET_PREPROCESSING, type Preprocessing } from '../cnn/preprocessing';

/** What each kind of normalisation stands for, in RGB order; mean and deviation in units of pixel × scale. */
const normalisations: Record<PreprocessingChoice['normalisation'], Omit<Preprocessing, 'channelOrder'>> = {
  imagenet: IMAGENET_PREPROCESSING,
  unit: { mean: [0, 0, 0], std: [1, 1, 1], scale: 1 / 255 },
  none: { mean: [0, 0, 0], std: [1, 1, 1], scale: 1 },
};

/**
 * The preprocessing that a choice stands for. A mean or deviation of one's own is given in RGB order and replaces that of the
 * normalisation.
 */
export function toPreprocessing({ normalisation, channelOrder, mean, deviation }: PreprocessingChoice): Preprocessing {
  const { scale, ...standard } = normalisations[normalisation];
  const inOrder = (rgb: readonly number[]) => (channelOrder === 'BGR' ? rgb.toReversed() : rgb);
  return { mean: inOrder(mean ?? standard.mean), std: inOrder(deviation ?? standard.std), scale, channelOrder };
}
