export const BUILDER: string;
