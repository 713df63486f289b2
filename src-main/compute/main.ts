import { serveOneTask } from './process';

/** The compute process: forked by the host for each task, it loads what that task needs and no more. */
serveOneTask({
  mask: async () => (await import('./tasks/fmri')).maskTask,
  'import-runs': async () => (await import('./tasks/fmri')).importRunsTask,
  'import-movie': async () => (await import('./tasks/movie')).importMovieTask,
  'describe-model': async () => (await import('./tasks/model')).describeModelTask,
  train: async () => (await import('./tasks/train')).trainTask,
  'import-embedding': async () => (await import('./tasks/external')).importEmbeddingTask,
  encode: async () => (await import('./tasks/train')).encodeTask,
  assess: async () => (await import('./tasks/assess')).assessTask,
  'split-half': async () => (await import('./tasks/assess')).splitHalfTask,
  extract: async () => (await import('./tasks/extract')).extractTask,
  'look-at-layer': async () => (await import('./tasks/look')).lookAtLayerTask,
  'look-at-map': async () => (await import('./tasks/look')).lookAtMapTask,
  'merge-shards': async () => (await import('./tasks/merge-shards')).mergeShardsTask,
  couple: async () => (await import('./tasks/couple')).coupleTask,
  'inspect-terms': async () => (await import('./tasks/terms')).inspectTermsTask,
  'term-maps': async () => (await import('./tasks/terms')).termMapsTask,
  decode: async () => (await import('./tasks/terms')).decodeTask,
  'nifti-info': async () => (await import('./tasks/tools')).niftiInfoTask,
  resample: async () => (await import('./tasks/tools')).resampleTask,
  correlate: async () => (await import('./tasks/correlate')).correlateTask,
  'generate-phantom': async () => (await import('./tasks/phantom')).generatePhantomTask,
  'evaluate-phantom': async () => (await import('./tasks/phantom')).evaluatePhantomTask,
  activations: async () => (await import('./tasks/activations')).activationsTask,
});
