/** A variant of the embedding as people write it: "lt-msa" is LT+MSA. */
export function variantName(variant: string): string {
  return variant.toUpperCase().replace('-', '+');
}

/** The variant with what sets it apart from others of its name: "LT+MSA, 8 heads, norm". */
export function describeVariant({ variant, settings }: { variant: string; settings: Record<string, unknown> }): string {
  const parts = [variantName(variant)];
  if (typeof settings.heads === 'number') parts.push(settings.heads === 1 ? '1 head' : `${settings.heads} heads`);
  if (settings.residualNorm === true) parts.push('norm');
  if (settings.positions === true) parts.push('positions');
  return parts.join(', ');
}
