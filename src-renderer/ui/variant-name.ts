/** A variant of the embedding as people write it: "lt-msa" is LT+MSA. */
export function variantName(variant: string): string {
  return variant.toUpperCase().replace('-', '+');
}
