import type { WordKind } from '../../../src-preload/shared/domain/words';

/*
 * What kind of word a term is, by the stems of the words in it. A first sorting for a person to mend: whatever no list knows counts
 * as functional. Stems are matched from the beginning of a word; those that end in "." are whole words.
 */
const anatomical = `
  cortex. cortices. cortical subcort gyrus. gyri. sulcus. sulci. sulcal lobe. lobes. lobul fissure operculum. opercular amygdal hippocamp
  parahippocamp thalam hypothalam pulvinar geniculate. striat putamen. caudate. accumbens. pallid ganglia. cerebell cerebral. cerebrum.
  vermis. insul cingul precune cune. cuneus. fusiform. calcarine. lingual. heschl parietal. temporal. temporo frontal. fronto occipit
  prefront orbitofront premotor. supplementary. supramarginal. angular. triangularis. opercularis. rolandic. pole. poles. brainstem.
  midbrain. mesolimbic. mesocort tegment nigra. colliculus. raphe. pons. habenula. claustrum. septal. entorhinal. perirhinal.
  retrosplenial. somatosensory. sensorimotor. extrastriate. striate. callosum. fasciculus. fornix. hemisphere. hemispheres.
  hemispheric medial. lateral. dorsal. ventral. dorsolateral. ventrolateral. dorsomedial. ventromedial. anterior. posterior. superior.
  inferior. rostral. caudal. inferotemporal. temporoparietal. frontoparietal. parieto intraparietal. perisylvian. sylvian. limbic.
  paralimbic. broca wernicke gray. grey. matter. pfc. dlpfc. vlpfc. mpfc. vmpfc. dmpfc. ofc. acc. dacc. vacc. sgacc. pcc. ips. ipl. spl.
  sts. stg. mtg. itg. ifg. mfg. sfg. tpj. sma. presma. v1. v2. v3. v4. v5. m1. s1. s2. nacc. vta. ffa. ppa. eba. loc. lofc. mtl. atl. lgn.
  ventricle. ventricles. neocort area. areas. region. regions. nucleus. nuclei.`;

const clinical = `
  patient schizophren psychosis. psychotic psychiatr depress mdd. bipolar. mania. manic. autis asd. adhd. alzheimer parkinson dementia.
  huntington sclerosis. amnestic. mci. ad. pd. ptsd. ocd. bpd. ocd. dyslexi aphasi disorder disease syndrome. symptom clinic treatment
  therap drug. drugs. medicat placebo. antidepress antipsycho methylphenid ketamine. dopaminergic. serotonergic. addict alcohol cocaine.
  heroin. cannabis. nicotine. smok obes anorex bulimi trauma stroke. lesion epilep seizure. tumor impair deficit dysfunct abnormal
  patholog atroph diagnos prognos illness. suicid blind. deaf. amputat chronic. healthy. controls. relapse. remission. recovery. genotype
  allele carriers. risk. comt. bdnf. apoe.`;

const method = `
  fmri. mri. bold. pet. eeg. erp. meg. dti. vbm. tms. tdcs. spect. nirs. ica. roi. rois. glm. dcm. hz. ms. mm. voxel whole. imaging
  neuroimag scan method approach analys algorithm model models. modeling. modelling. classif regress correlat connectiv functional.
  network. networks. seed. cluster parameter estimat signal noise. data. dataset sample sampl group groups. participant subjects. volunteer
  individual study. studies. review. meta. task. tasks. trial trials. block. blocked. event. events. paradigm. condition conditions. stimulus.
  stimuli. session baseline. contrast compar significan result results. finding evidence. hypothes increas decreas greater. reduc
  different differences. effect effects. activat deactivat active. respons measure measur test. tests. tested. testing. experiment
  investigat examin reveal show shown. suggest demonstrat indicat associat relat interact involv show used. using. based. based. volume.
  thickness. density. structural. mean. level. levels. low. high. term. rest. resting. women. men. male. female. sex. age. aged. aging. adult
  adolescent children. child. young. older. elderly. years. development.`;

interface Stems {
  kind: WordKind;
  whole: ReadonlySet<string>;
  /** By first letters, longest first. */
  begin: readonly string[];
}

const lists: readonly Stems[] = [stems('clinical', clinical), stems('anatomical', anatomical), stems('method', method)];

function stems(kind: WordKind, text: string): Stems {
  const all = text.split(/\s+/).filter(Boolean);
  const whole = new Set(all.filter((stem) => stem.endsWith('.')).map((stem) => stem.slice(0, -1)));
  return { kind, whole, begin: all.filter((stem) => !stem.endsWith('.')) };
}

/**
 * The kind of a term, before anybody has changed it. Terms that begin with a number ("20", "15 healthy") are blocked; a topic
 * ("6_auditory_speech_temporal") is of the kind that most of its words are of.
 */
export function guessKind(term: string): WordKind {
  const words = term
    .toLowerCase()
    .replace(/^\d+_/, '')
    .split(/[\s_\-/]+/)
    .filter(Boolean);
  if (words.length === 0 || /^\d/.test(words[0]!)) return 'blocked';
  const kinds = words.map(kindOfWord);
  if (!/^\d+_/.test(term)) return kinds.find((kind) => kind !== 'functional' && kind !== 'method') ?? settle(kinds);
  return settle(kinds);
}

/** The kind most words are of; functional where there is no such kind. */
function settle(kinds: readonly WordKind[]): WordKind {
  const counts = Map.groupBy(kinds, (kind) => kind);
  const most = Math.max(...[...counts.values()].map((of) => of.length));
  const first = [...counts].filter(([, of]) => of.length === most).map(([kind]) => kind);
  return first.length === 1 ? first[0]! : 'functional';
}

function kindOfWord(word: string): WordKind {
  for (const { kind, whole, begin } of lists) if (whole.has(word) || begin.some((stem) => word.startsWith(stem))) return kind;
  return 'functional';
}
