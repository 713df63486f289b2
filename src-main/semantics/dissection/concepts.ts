/** A concept that pixels can be labelled with. */
export interface Concept {
  name: string;
  /** Index into the categories of the set. */
  category: number;
}

/** What an image is labelled with. */
export interface ImageConcepts {
  /** Of the segmentations, in pixels. */
  width: number;
  height: number;
  /** Concepts of the whole image: scenes, textures. */
  whole: readonly number[];
  /** Concept + 1 of every pixel, 0 where none: [height × width]; a pixel may have several labels, one a plane. */
  planes: readonly Uint16Array[];
  /** Categories of which the image has any label. */
  categories: readonly number[];
}

/** Images with labelled pixels. */
export interface ConceptImages {
  folder: string;
  concepts: readonly Concept[];
  categories: readonly string[];
  /** Absolute paths. */
  images: readonly string[];
  /** Tells whether two sets are the same: names, sizes and tables. */
  fingerprint: string;
  /** @throws UserError where a segmentation cannot be read */
  labels(image: number): Promise<ImageConcepts>;
}
