import { parseCouplingForm } from '../../src-preload/shared/domain/controls';

/** What was done in a project, as far as the text of a paper has to say it. */
export interface MethodFacts {
  programVersion: string;
  subjects: { train: number; validation: number; test: number };
  movieRuns: { name: string; timePoints: number; trSeconds: number | null }[];
  scans: number;
  voxels: number;
  /** How scans were prepared, in words: "detrended, float16"; several where they differ. */
  preparation: string[];
  embedding: {
    variant: string;
    fbns: number;
    /** As recorded; what is not known is left out. */
    settings: Record<string, unknown>;
    provenance: Record<string, unknown>;
    epochs: number;
    bestEpoch: number | null;
    explainedVariance: number | null;
  };
  frames: { width: number; height: number }[];
  models: { name: string; architecture: string | null; trainedOn: string | null; layers: number; filters: number }[];
  couplings: number;
  directions: ('fbn-to-filter' | 'filter-to-fbn')[];
  /** Nulls of corrected mode with the number of copies; none where only paper mode was computed. */
  nulls: { method: string; surrogates: number }[];
  /** Forms of activations that were coupled (couplingForm), the paper's `max` among them. */
  forms: string[];
  /** Whether whole layers were compared with the FBNs. */
  isCompared: boolean;
}

/** A paragraph for the methods section, and what it cites. */
export interface MethodsText {
  text: string;
  references: string[];
}

const references = {
  syncAct:
    'Zhao et al. (2022). Coupling Visual Semantics of Artificial Neural Networks and Human Brain Function via Synchronized Activations.',
  adam: 'Kingma & Ba (2015). Adam: A method for stochastic optimization. ICLR.',
  onnxruntime: 'ONNX Runtime developers. ONNX Runtime. https://onnxruntime.ai',
  effectiveN:
    'Pyper & Peterman (1998). Comparison of methods to account for autocorrelation in correlation analyses of fish data. Can. J. Fish. Aquat. Sci. 55.',
  fdr: 'Benjamini & Hochberg (1995). Controlling the false discovery rate. J. R. Stat. Soc. B 57.',
  maximum: 'Nichols & Holmes (2002). Nonparametric permutation tests for functional neuroimaging. Hum. Brain Mapp. 15.',
  phase: 'Theiler et al. (1992). Testing for nonlinearity in time series: the method of surrogate data. Physica D 58.',
  subjects:
    'Kauppi et al. (2010). Inter-subject correlation of brain hemodynamic responses during watching a movie. Front. Neuroinform. 4.',
  response: 'Friston et al. (1998). Event-related fMRI: characterizing differential responses. NeuroImage 7.',
  nuisance: 'Winkler et al. (2014). Permutation inference for the general linear model. NeuroImage 92.',
  alignment: 'Kornblith et al. (2019). Similarity of neural network representations revisited. ICML.',
  unbiased: 'Song et al. (2012). Feature selection via dependence maximization. J. Mach. Learn. Res. 13.',
  similarity: 'Kriegeskorte et al. (2008). Representational similarity analysis. Front. Syst. Neurosci. 2.',
} as const;

/** What was actually run, in the words of a methods section; nothing that was not. */
export function describeMethods(facts: MethodFacts): MethodsText {
  const cited: string[] = [];
  const cite = (name: keyof typeof references) => {
    if (!cited.includes(references[name])) cited.push(references[name]);
    return `[${cited.indexOf(references[name]) + 1}]`;
  };
  const parts = [describeData(facts), describeEmbedding(facts, cite), describeNetworks(facts), describePairs(facts, cite)];
  parts.push(describeControls(facts, cite), describeComparison(facts, cite));
  return { text: parts.filter((part) => part !== '').join(' '), references: cited };
}

type Cite = (name: keyof typeof references) => string;

function describeData({ subjects, movieRuns, scans, voxels, preparation }: MethodFacts): string {
  const all = subjects.train + subjects.validation + subjects.test;
  const runs = movieRuns.map(({ name, timePoints, trSeconds }) => {
    return `${name}, ${timePoints} volumes${trSeconds === null ? '' : ` at TR ${trSeconds} s`}`;
  });
  return (
    `fMRI of ${counted(all, 'subject')} (${counted(scans, 'scan')}) was recorded in ${counted(runs.length, 'movie run')} ` +
    `(${runs.join('; ')}), masked to ${voxels} voxels and prepared per run: ${preparation.join(' or ')}. ` +
    `Subjects were split into ${subjects.train} for training, ${subjects.validation} for validation and ${subjects.test} for testing.`
  );
}

function describeEmbedding({ embedding, programVersion }: MethodFacts, cite: Cite): string {
  const { variant, fbns, settings, provenance, epochs, bestEpoch, explainedVariance } = embedding;
  const name = { lt: 'linear (LT)', 'lt-lstm': 'LT+LSTM', 'lt-msa': 'LT+MSA' }[variant];
  const explained =
    explainedVariance === null ? '' : ` It explains ${(100 * explainedVariance).toFixed(1)} % of the test runs' variance.`;
  if (!name || epochs === 0) return `${fbns} functional brain networks (FBNs) were taken from ${variant}.${explained}`;
  const said = [
    settings.learningRate !== undefined && `learning rate ${String(settings.learningRate)}`,
    settings.batchSize !== undefined && `batches of ${String(settings.batchSize)} runs`,
    settings.seed !== undefined && `seed ${String(settings.seed)}`,
  ].filter(Boolean);
  const engine = [provenance.engine, provenance.engineVersion].filter((part) => typeof part === 'string').join(' ');
  const kept = bestEpoch === null ? '' : `; epoch ${bestEpoch}, of the lowest validation loss, was kept`;
  return (
    `The ${name} autoencoder of Sync-ACT ${cite('syncAct')} with ${fbns} functional brain networks (FBNs) was trained for ` +
    `${counted(epochs, 'epoch')} with Adam ${cite('adam')} (${said.join(', ')})${kept}.${explained} ` +
    `Computations were done with the Sync-ACT Workstation ${programVersion}${engine ? ` on ${engine} ${cite('onnxruntime')}` : ''}.`
  );
}

function describeNetworks({ models, frames }: MethodFacts): string {
  if (models.length === 0) return '';
  const sizes = frames.map(({ width, height }) => `${width} × ${height}`).join(', ');
  const names = models.map(({ name, architecture, trainedOn, layers, filters }) => {
    const about = [
      architecture,
      trainedOn && `trained on ${trainedOn}`,
      `${counted(filters, 'filter')} of ${counted(layers, 'layer')}`,
    ];
    return `${name} (${about.filter(Boolean).join(', ')})`;
  });
  return (
    `The last frame of every TR (${sizes} pixels) was given to ${counted(models.length, 'convolutional network')}: ${names.join('; ')}; ` +
    'the activation of a filter is the maximum of its feature map.'
  );
}

function describePairs({ couplings, directions, nulls }: MethodFacts, cite: Cite): string {
  if (couplings === 0) return '';
  const ways = directions.map((direction) =>
    direction === 'fbn-to-filter' ? 'every FBN with the filter of the largest r' : 'every filter with the FBN of the largest r',
  );
  const paper =
    `FBN activations, averaged over the test subjects, were correlated with filter activations (Pearson's r), and paired ${ways.join(' and ')}. ` +
    'The p of the t-test with N − 2 degrees of freedom is given for comparison with the original method; it takes the largest of many ' +
    'correlations between autocorrelated series for a single one between independent samples.';
  if (nulls.length === 0) return paper;
  const described = nulls.map(({ method, surrogates }) => {
    if (method === 'phase') return `${surrogates} copies with random phases ${cite('phase')}`;
    if (method === 'subjects') return `${surrogates} copies with every subject shifted in time by itself ${cite('subjects')}`;
    return `all ${surrogates} circular shifts in time`;
  });
  return (
    `${paper} Significance was therefore tested against the null distribution of the maximum over all partners, from ` +
    `${described.join(' or ')} of the FBN activations, the same for all FBNs (p at least ${describeLeast(nulls)}), controlled by the ` +
    `false discovery rate ${cite('fdr')} and by the maximum over all pairs ${cite('maximum')}. Effective sample sizes follow ${cite('effectiveN')}. ` +
    'Mean r is also given less its expectation under the null, so that networks with different numbers of filters compare.'
  );
}

/** What was done to activations where it was not the paper's nothing. */
function describeControls({ forms, nulls }: MethodFacts, cite: Cite): string {
  const inNull = nulls.length > 0;
  const copies = () => (inNull ? ` and of every copy of the null ${cite('nuisance')}` : '');
  const ways = forms.flatMap((form) => {
    const { confounds, response, lag } = parseCouplingForm(form).controls;
    const parts = [
      confounds.length > 0 && `with ${confounds.join(', ')} of the movie regressed out of FBNs and filters${copies()}`,
      response !== 'none' &&
        `with filter activations convolved with the canonical haemodynamic response ${cite('response')}` +
          (response === 'derivatives' ? ' and its derivatives of onset and dispersion (multiple correlation)' : ''),
      lag &&
        `with filters delayed by ${lag.least} to ${lag.most} s, the delay of the largest r taken for every pair${inNull ? ', in the null too' : ''}`,
    ].filter((part) => typeof part === 'string');
    return parts.length > 0 ? [parts.join(', ')] : [];
  });
  return ways.length === 0 ? '' : `Couplings were also computed ${ways.join('; and ')}.`;
}

function describeComparison({ isCompared }: MethodFacts, cite: Cite): string {
  if (!isCompared) return '';
  return (
    'All filters of a layer together predicted every FBN by ridge regression, trained on all movie runs but the one scored, the penalty ' +
    `chosen on runs left out among those. Layers and FBNs were also compared over time by linear centred kernel alignment ${cite('alignment')} with ` +
    `the unbiased estimator ${cite('unbiased')} and by representational similarity ${cite('similarity')}, each against circular shifts of time.`
  );
}

function describeLeast(nulls: MethodFacts['nulls']): string {
  return [...new Set(nulls.map(({ surrogates }) => `1/${surrogates + 1}`))].join(' or ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
