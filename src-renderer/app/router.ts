import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    title?: string;
  }
}

/**
 * Screens are loaded when they are first shown: the first paint waits for none of them. An address with a word where a number
 * belongs leads to the overview, as every other that is none does.
 */
export const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/overview' },
  {
    path: '/overview',
    name: 'overview',
    meta: { title: 'Overview' },
    component: () => import('../features/overview/OverviewScreen.vue'),
  },
  { path: '/data', name: 'data', meta: { title: 'Data' }, component: () => import('../features/data/DataScreen.vue') },
  {
    path: '/movies/:movieRun?',
    name: 'movies',
    meta: { title: 'Movies' },
    component: () => import('../features/movies/MoviesScreen.vue'),
  },
  {
    path: '/models/:model?',
    name: 'models',
    meta: { title: 'Models' },
    component: () => import('../features/models/ModelsScreen.vue'),
  },
  {
    path: '/models/:model(\\d+)/:layer(\\d+)/:filter(\\d+)?',
    name: 'filter',
    meta: { title: 'Filter' },
    component: () => import('../features/filter/FilterScreen.vue'),
  },
  {
    path: '/embedding/:embedding?',
    name: 'embedding',
    meta: { title: 'Embedding' },
    component: () => import('../features/embedding/EmbeddingScreen.vue'),
  },
  {
    path: '/fbns/:embedding?/:fbn?',
    name: 'fbns',
    meta: { title: 'FBNs' },
    component: () => import('../features/fbns/FbnsScreen.vue'),
  },
  {
    path: '/coupling/:coupling?',
    name: 'coupling',
    meta: { title: 'Coupling' },
    component: () => import('../features/coupling/CouplingScreen.vue'),
  },
  {
    path: '/coupling/:coupling(\\d+)/pair/:fbn(\\d+)/:filter(\\d+)',
    name: 'pair',
    meta: { title: 'Pair' },
    component: () => import('../features/pair/PairScreen.vue'),
  },
  {
    path: '/curate/:layer?/:fbn?/:filter?',
    name: 'curate',
    meta: { title: 'Curate' },
    component: () => import('../features/curate/CurateScreen.vue'),
  },
  {
    path: '/semantics/:tab?',
    name: 'semantics',
    meta: { title: 'Semantics' },
    component: () => import('../features/semantics/SemanticsScreen.vue'),
  },
  {
    path: '/report/:table?',
    name: 'report',
    meta: { title: 'Report' },
    component: () => import('../features/report/ReportScreen.vue'),
  },
  {
    path: '/figures/:kind?',
    name: 'figures',
    meta: { title: 'Figures' },
    component: () => import('../features/figures/FiguresScreen.vue'),
  },
  { path: '/:rest(.*)*', redirect: '/overview' },
];

export function makeRouter() {
  return createRouter({ history: createWebHashHistory(), routes });
}
