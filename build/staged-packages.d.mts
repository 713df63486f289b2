export interface ShippedPackage {
  place: string;
  name: string;
  version: string;
  licence: string;
  isLoaded: boolean;
}
export function shippedPackages(root: string): ShippedPackage[];
export function isShippedFile(file: string, platform?: string, arch?: string): boolean;
export function collectLicences(root: string, packages: readonly ShippedPackage[]): string;
