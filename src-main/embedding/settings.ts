import { z } from 'zod';
import { UserError } from '../../src-preload/shared/domain/errors';
import { CROPS, type Crop } from './crop';

/** How the latent series are encoded and decoded: identity (LT), two LSTM layers, multi-head self-attention. */
export const EMBEDDING_VARIANTS = ['lt', 'lt-lstm', 'lt-msa'] as const;
export type EmbeddingVariant = (typeof EMBEDDING_VARIANTS)[number];

/** Everything that decides what numbers a training gives, beside its data. */
export interface EmbeddingSettings {
  variant: EmbeddingVariant;
  /** m, the number of FBNs. */
  fbns: number;
  /** Times every training sample is seen. */
  epochs: number;
  /** Samples per step; the last step of an epoch takes what is left. */
  batchSize: number;
  /** That of the first epoch. */
  learningRate: number;
  /** How the learning rate goes on (schedule.ts). */
  schedule: 'constant' | 'cosine' | 'step';
  /** Largest norm of a step's gradient; null: not clipped. */
  clipNorm: number | null;
  /** Epochs without a new best after which training stops; null: never. */
  patience: number | null;
  /** How training runs of different length are cut to a common one (crop.ts). */
  crop: Crop;
  /** Decides the first weights and the order of the samples. */
  seed: number;
  /** Heads of LT+MSA, a divisor of the FBNs. */
  heads: number;
  /** LT+MSA: add the input of each module to its output and normalise (not in the paper). */
  residualNorm: boolean;
  /** LT+MSA: add sinusoids of time to the input of each module (not in the paper). */
  positions: boolean;
  /** Decay of Adam's first moment. */
  beta1: number;
  /** Decay of Adam's second moment. */
  beta2: number;
  /** Added to the root of Adam's second moment. */
  epsilon: number;
}

/** The paper's settings (section 2.3), with PyTorch's epsilon; the paper gives no number of heads. */
export const DEFAULT_SETTINGS: EmbeddingSettings = {
  variant: 'lt',
  fbns: 64,
  epochs: 100,
  batchSize: 16,
  learningRate: 0.01,
  schedule: 'constant',
  clipNorm: null,
  patience: null,
  crop: 'none',
  seed: 0,
  heads: 8,
  residualNorm: false,
  positions: false,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

const decay = z.number().min(0).lt(1);

/** Settings as read from elsewhere; also what a checkpoint must hold. Older checkpoints lack what has a default here. */
export const settingsSchema = z
  .strictObject({
    variant: z.enum(EMBEDDING_VARIANTS),
    fbns: z.int().min(1).max(65_536),
    epochs: z.int().min(1),
    batchSize: z.int().min(1),
    learningRate: z.number().positive(),
    schedule: z.enum(['constant', 'cosine', 'step']).default('constant'),
    clipNorm: z.number().positive().nullable().default(null),
    patience: z.int().min(1).nullable().default(null),
    crop: z.enum(CROPS).default('none'),
    seed: z.int(),
    heads: z.int().min(1).default(DEFAULT_SETTINGS.heads),
    residualNorm: z.boolean().default(false),
    positions: z.boolean().default(false),
    beta1: decay,
    beta2: decay,
    epsilon: z.number().positive(),
  })
  .refine(({ variant, fbns, heads }) => variant !== 'lt-msa' || fbns % heads === 0, {
    path: ['heads'],
    error: 'a divisor of the number of FBNs',
  });

/**
 * The settings given, filled up with the paper's.
 * @throws UserError naming the first setting that cannot be used
 */
export function completeSettings(settings: Partial<EmbeddingSettings>): EmbeddingSettings {
  const all = { ...DEFAULT_SETTINGS, ...settings };
  const parsed = settingsSchema.safeParse(all);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.join('.') ?? 'settings';
  throw new UserError({
    code: 'setting-invalid',
    what: `the setting "${name}" cannot be used`,
    expected: issue?.message ?? 'another value',
    found: String((all as Record<string, unknown>)[name]),
  });
}
