export const builtPackages: string[];
