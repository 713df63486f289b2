/**
 * What is measured of each FBN, in the order of the columns of its resource.
 *   explainedAlone   share of the test runs' variance that its activation explains alone (least squares)
 *   explainedUnique  share that no other FBN explains
 *   interSubject     mean r of a subject's activation with the mean of the others (leave one out)
 *   topShare         share of its map's energy in the 5 % of voxels where it is largest
 *   clusters         clusters of its map, |z| > 2, at least 10 voxels
 *   largestCluster   voxels of the largest of them
 *   clusteredShare   share of the voxels with |z| > 2 that lie in such clusters
 *   splitHalf        |r| of its matched maps in two trainings, each on half of the training subjects and from other
 *                    initial weights
 */
export const fbnMeasures = [
  'explainedAlone',
  'explainedUnique',
  'interSubject',
  'topShare',
  'clusters',
  'largestCluster',
  'clusteredShare',
  'splitHalf',
] as const;
export type FbnMeasure = (typeof fbnMeasures)[number];

/** The measures of an embedding: means over its FBNs, and what all explain together; null where not measured. */
export type EmbeddingQuality = Record<FbnMeasure | 'explainedTogether', number | null>;
