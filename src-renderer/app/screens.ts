import { Brain, ChartLine, FileText, Film, Grid3x3, Home, Image, Layers, ListChecks, Network, Tags } from '@lucide/vue';

/** Screens of the left rail in the order of the method; the first ten have keys, Ctrl+1 … Ctrl+9, Ctrl+0. */
export const screens = [
  { name: 'overview', title: 'Overview', icon: Home },
  { name: 'data', title: 'Data', icon: Layers },
  { name: 'movies', title: 'Movies', icon: Film },
  { name: 'models', title: 'Models', icon: Network },
  { name: 'embedding', title: 'Embedding', icon: ChartLine },
  { name: 'fbns', title: 'FBNs', icon: Brain },
  { name: 'coupling', title: 'Coupling', icon: Grid3x3 },
  { name: 'semantics', title: 'Semantics', icon: Tags },
  { name: 'curate', title: 'Curate', icon: ListChecks },
  { name: 'report', title: 'Report', icon: FileText },
  { name: 'figures', title: 'Figures', icon: Image },
] as const;
