import catalogueFile from '../../resources/model-catalogue.json';
import { architectures } from './architectures';
import { parametersOf, type Architecture } from './architectures/architecture';

/** One of the networks of the paper with one of its training sets, and the public file that holds it. Nothing is downloaded. */
export interface CatalogueEntry {
  architecture: Architecture;
  trainedOn: 'ImageNet' | 'Places365';
  classes: number;
  /** null: the authors of the training set published none. */
  file: string | null;
  /** Where its publisher offers it; to be looked up by a person. */
  address: string | null;
  /** What the file's SHA-256 begins with; null where its publisher names none. */
  hashPrefix: string | null;
  /** The same of earlier files of the same weights. */
  older: readonly string[];
  /** Size of the file; from the number of parameters where its publisher names none. */
  bytes: number;
  bytesAreExact: boolean;
  /** ImageNet top-1 as torchvision documents it; null for other training sets. */
  top1Percent: number | null;
  licence: string | null;
}

/** How many classes the training sets have; a classifier's width tells which it was. */
const classesOf = { ImageNet: 1000, Places365: 365 } as const;
const BYTES_PER_MEBIBYTE = 2 ** 20;

/** The ten networks × two training sets, in the order of the paper's tables. */
export const catalogue: readonly CatalogueEntry[] = catalogueFile.entries.map((entry): CatalogueEntry => {
  const architecture = architectures.find(({ name }) => name === entry.architecture)!;
  const trainedOn = entry.trainedOn as CatalogueEntry['trainedOn'];
  const publisher = entry.publisher === null ? null : catalogueFile.publishers[entry.publisher as 'torchvision' | 'Places365'];
  const classes = classesOf[trainedOn];
  return {
    ...{ architecture, trainedOn, classes, file: entry.file, hashPrefix: entry.hashPrefix, older: entry.older },
    address: publisher && `${publisher.address}${entry.file}`,
    bytes:
      entry.mebibytes === null ? 4 * countParameters(architecture, classes) : Math.round(entry.mebibytes * BYTES_PER_MEBIBYTE),
    bytesAreExact: entry.mebibytes !== null,
    top1Percent: entry.top1Percent,
    licence: publisher?.licence ?? null,
  };
});

/** The entry whose file this is, told by the beginning of its hash. */
export function entryOfHash(hash: string): CatalogueEntry | undefined {
  return catalogue.find(({ hashPrefix, older }) =>
    [hashPrefix, ...older].some((prefix) => prefix !== null && hash.startsWith(prefix)),
  );
}

/** The training set that a number of classes speaks for; undefined for others. */
export function trainingSetOf(classes: number | null): CatalogueEntry['trainedOn'] | undefined {
  return (Object.keys(classesOf) as CatalogueEntry['trainedOn'][]).find((name) => classesOf[name] === classes);
}

/** The entry of an architecture and a training set. */
export function entryOf(architecture: string, trainedOn: string | null): CatalogueEntry | undefined {
  return catalogue.find((entry) => entry.architecture.name === architecture && entry.trainedOn === trainedOn);
}

/** Numbers in a network. @param classes null for one without a classifier */
export function countParameters(architecture: Architecture, classes: number | null): number {
  return [...parametersOf(architecture).values()].reduce((sum, { shape, countsClasses }) => {
    const sizes = countsClasses ? [classes ?? 0, ...shape.slice(1)] : shape;
    return sum + sizes.reduce((product, size) => product * size, 1);
  }, 0);
}
