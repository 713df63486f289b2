import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';

/** How the latent series are encoded and decoded: identity (LT). */
export type EmbeddingVariant = 'lt';

/** Everything that decides what numbers a training gives, beside its data. */
export interface EmbeddingSettings {
  variant: EmbeddingVariant;
  /** m, the number of FBNs. */
  fbns: number;
  /** Times every training sample is seen. */
  epochs: number;
  /** Samples per step; the last step of an epoch takes what is left. */
  batchSize: number;
  learningRate: number;
  /** Decides the first weights and the order of the samples. */
  seed: number;
  /** Decay of Adam's first moment. */
  beta1: number;
  /** Decay of Adam's second moment. */
  beta2: number;
  /** Added to the root of Adam's second moment. */
  epsilon: number;
}

/** The paper's settings (section 2.3), with PyTorch's epsilon. */
export const DEFAULT_SETTINGS: EmbeddingSettings = {
  variant: 'lt',
  fbns: 64,
  epochs: 100,
  batchSize: 16,
  learningRate: 0.01,
  seed: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

const decay = z.number().min(0).lt(1);

/** Settings as read from elsewhere; also what a checkpoint must hold. */
export const settingsSchema = z.strictObject({
  variant: z.literal('lt'),
  fbns: z.int().min(1).max(65_536),
  epochs: z.int().min(1),
  batchSize: z.int().min(1),
  learningRate: z.number().positive(),
  seed: z.int(),
  beta1: decay,
  beta2: decay,
  epsilon: z.number().positive(),
});

/**
 * The settings given, filled up with the paper's.
 * @throws UserError naming the first setting that cannot be used
 */
export function completeSettings(settings: Partial<EmbeddingSettings>): EmbeddingSettings {
  const parsed = settingsSchema.safeParse({ ...DEFAULT_SETTINGS, ...settings });
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.join('.') ?? 'settings';
  throw new UserError({
    what: `the setting "${name}" cannot be used`,
    expected: issue?.message ?? 'another value',
    found: String((settings as Record<string, unknown>)[name]),
  });
}
