export interface ShippedPackage {
  place: string;
  name: string;
  version: string;
  licence: string;
}
export function shippedPackages(root: string): ShippedPackage[];
export function collectLicences(root: string, packages: readonly ShippedPackage[]): string;
