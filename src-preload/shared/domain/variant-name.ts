/** What is not an autoencoder. */
const otherNames: Record<string, string> = {
  external: 'External',
  'group-ica': 'Group ICA',
  dictionary: 'Dictionary',
};

/** A variant of the embedding as people write it: "lt-msa" is LT+MSA. */
export function variantName(variant: string): string {
  return otherNames[variant] ?? variant.toUpperCase().replace('-', '+');
}

/** The variant with what sets it apart from others of its name: "LT+MSA, 8 heads, norm". */
export function describeVariant({ variant, settings }: { variant: string; settings: Record<string, unknown> }): string {
  const parts = [variantName(variant)];
  if (variant === 'external') parts.push(String(settings.name), settings.activations === 'imported' ? '' : 'dual regression');
  if (variant === 'dictionary' && settings.sparsity !== 1.2) parts.push(`sparsity ${String(settings.sparsity)}`);
  if (typeof settings.heads === 'number') parts.push(settings.heads === 1 ? '1 head' : `${settings.heads} heads`);
  if (settings.residualNorm === true) parts.push('norm');
  if (settings.positions === true) parts.push('positions');
  return parts.filter(Boolean).join(', ');
}
