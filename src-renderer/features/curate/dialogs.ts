/** Dialogs of the desk. */
export type DeskDialog = 'keys' | 'history' | 'bulk' | 'like' | 'tags' | 'filters' | 'agreement' | 'exchange';
