/** A screen to picture: its address, what must be there first, and what is done before. */
export interface PicturedScreen {
  name: string;
  path: string;
  /** Selector of what the picture is about. */
  ready: string;
  /** Whether a volume is drawn: the picture waits for it. */
  hasVolume?: boolean;
  /** Keys pressed, or what is clicked, before the picture is taken. */
  before?: ({ press: string } | { click: string })[];
}

/** Every screen of an open project, in the order of the method. @param pair the coupling, FBN and filter shown */
export function screensOf(
  embedding: number,
  pair: { coupling: number; model: number; layer: number; fbn: number; filter: number },
): PicturedScreen[] {
  const at = 'run=1&tr=42';
  return [
    { name: 'overview', path: '/overview', ready: 'ol.board li dd' },
    { name: 'data', path: '/data', ready: '[role=row][aria-rowindex="2"]', hasVolume: true },
    { name: 'import-fmri', path: '/data?action=import', ready: '[role=dialog]' },
    { name: 'movies', path: `/movies/1?${at}`, ready: '[role=listbox] img' },
    { name: 'import-movie', path: '/movies?action=import', ready: '[role=dialog]' },
    { name: 'models', path: '/models', ready: '[role=row][aria-rowindex="2"]' },
    { name: 'extract', path: '/models?action=extract', ready: '[role=dialog]' },
    { name: 'catalogue', path: '/models?action=catalogue', ready: '[role=dialog] [role=row][aria-rowindex="3"]' },
    {
      name: 'filter',
      path: `/models/${pair.model}/${pair.layer}/${pair.filter}?${at}`,
      ready: '[aria-label="Frames"] canvas[aria-busy=false]',
    },
    { name: 'embedding', path: '/embedding', ready: '.uplot' },
    { name: 'other-fbns', path: '/embedding?action=other', ready: '[role=dialog]' },
    { name: 'fbns', path: `/fbns/${embedding}`, ready: '[role=option] canvas' },
    { name: 'fbn', path: `/fbns/${embedding}/${pair.fbn}?${at}`, ready: '.uplot', hasVolume: true },
    { name: 'coupling', path: '/coupling', ready: 'table button' },
    { name: 'couple', path: '/coupling?action=couple', ready: '[role=dialog]' },
    { name: 'pairs', path: `/coupling/${pair.coupling}`, ready: '[role=grid] canvas' },
    { name: 'beyond', path: `/coupling/${pair.coupling}?view=beyond`, ready: '[role=tabpanel] button' },
    { name: 'depth', path: `/coupling/${pair.coupling}?view=depth`, ready: '[role=tabpanel] button, [role=grid] [role=img]' },
    {
      ...{ name: 'pair', path: `/coupling/${pair.coupling}/pair/${pair.fbn}/${pair.filter}?${at}`, ready: '.uplot' },
      hasVolume: true,
    },
    { name: 'curator', path: '/curate', ready: 'form input' },
    {
      ...{ name: 'curate', path: `/curate/${pair.layer}/${pair.fbn}/${pair.filter}?${at}`, ready: 'form[aria-label=Annotation]' },
      ...{ hasVolume: true, before: ['A', 'n', 'a', 'Enter'].map((press) => ({ press })) },
    },
    { name: 'report', path: '/report/1', ready: '[role=row][aria-rowindex="2"]' },
    { name: 'export', path: '/report/1', ready: '[role=dialog]', before: [{ click: 'main button:has-text("Export…")' }] },
    {
      ...{ name: 'clip', path: `/coupling/${pair.coupling}/pair/${pair.fbn}/${pair.filter}?${at}`, ready: '[role=dialog]' },
      before: [{ click: 'main button:has-text("Clip…")' }],
    },
    { name: 'figures', path: '/figures/pairs', ready: 'img[alt^=Preview]' },
    { name: 'jobs', path: '/overview', ready: 'aside ul li', before: [{ press: 'Control+j' }] },
    { name: 'search', path: '/overview', ready: '[role=dialog]', before: [{ press: 'Control+k' }] },
    { name: 'diagnostics', path: '/overview', ready: '[role=dialog] dl', before: fromMenu('Diagnostics') },
    { name: 'errors', path: '/overview', ready: '[role=dialog] details', before: fromMenu('Error codes') },
  ];
}

/** A dialog that the menu of the project opens. */
function fromMenu(item: string): { click: string }[] {
  return [{ click: 'header button[aria-haspopup=menu]' }, { click: `[role=menuitem]:has-text("${item}")` }];
}

/** The screens that say what FBNs and filters mean. */
export function meaningScreens(
  embedding: number,
  pair: { coupling: number; model: number; layer: number; fbn: number; filter: number },
): PicturedScreen[] {
  const at = 'run=1&tr=42';
  return [
    { name: 'overview', path: '/overview', ready: 'ol.board li dd' },
    { name: 'terms', path: '/semantics/terms?term=6_auditory_speech_temporal', ready: '.like a' },
    { name: 'labels', path: '/semantics/filters', ready: '.of', before: [{ click: '[role=row][aria-rowindex="2"]' }] },
    { name: 'cross-annotation', path: '/semantics/pairs', ready: '[role=row][aria-rowindex="3"]' },
    { name: 'graph', path: '/semantics/pairs?view=graph', ready: '[aria-label=Graph] text' },
    { name: 'import-terms', path: '/semantics?action=import-terms', ready: '[role=dialog]' },
    { name: 'import-labels', path: '/semantics?action=import-labels', ready: '[role=dialog]' },
    { name: 'dissect', path: '/semantics?action=dissect', ready: '[role=dialog]' },
    {
      ...{
        name: 'peaks',
        path: `/fbns/${embedding}/${pair.fbn}?${at}`,
        ready: '[aria-label="Peaks"] [role=row]',
        hasVolume: true,
      },
      before: [{ click: '[role=tab]:has-text("Peaks")' }],
    },
    {
      name: 'filter',
      path: `/models/${pair.model}/${pair.layer}/${pair.filter}?${at}`,
      ready: '[aria-label="Frames"] canvas[aria-busy=false]',
    },
    // Not next to the peaks: a volume that is there already is not drawn again.
    {
      ...{ name: 'fbn', path: `/fbns/${embedding}/${pair.fbn}?${at}`, ready: '.bars li:nth-child(3)', hasVolume: true },
      before: [{ click: '[role=tab]:has-text("Terms")' }],
    },
    {
      ...{
        name: 'pair',
        path: `/coupling/${pair.coupling}/pair/${pair.fbn}/${pair.filter}?${at}`,
        ready: '.bars li:nth-child(3)',
      },
      ...{ hasVolume: true, before: [{ click: '[role=tab]:has-text("Terms")' }] },
    },
    { name: 'search', path: '/overview', ready: '[role=dialog]', before: [{ press: 'Control+k' }] },
  ];
}
