import type { Migration } from '../migrate';

/** What corrected mode finds, beside the paper's statistics of couplings and pairs. */
export const couplingCorrections: Migration = {
  name: 'corrected significance of couplings',
  sql: `
      CREATE TABLE coupling_correction (
        coupling_id INTEGER PRIMARY KEY REFERENCES coupling (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        method TEXT NOT NULL,
        surrogates INTEGER NOT NULL,
        expected_mean_r REAL NOT NULL,
        deviation_of_mean_r REAL NOT NULL,
        matched_mean_r REAL NOT NULL,
        z REAL NOT NULL,
        p_of_mean_r REAL NOT NULL,
        not_significant_null INTEGER NOT NULL,
        not_significant_q INTEGER NOT NULL,
        not_significant_family INTEGER NOT NULL,
        computed_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE pair_correction (
        coupling_id INTEGER NOT NULL REFERENCES coupling_correction (coupling_id) ON DELETE CASCADE,
        fbn INTEGER NOT NULL,
        filter INTEGER NOT NULL,
        effective_n REAL NOT NULL,
        p_effective REAL NOT NULL,
        p_null REAL NOT NULL,
        q REAL NOT NULL,
        p_family REAL NOT NULL,
        is_mutual INTEGER NOT NULL CHECK (is_mutual IN (0, 1)),
        PRIMARY KEY (coupling_id, fbn, filter)
      ) STRICT, WITHOUT ROWID;
    `,
};

/** What is known of the pairs of a layer beyond their p. */
export const layerAnalyses: Migration = {
  name: 'analyses of layers',
  sql: `
      CREATE TABLE layer_analysis (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        layer_id INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        content TEXT NOT NULL,
        computed_at TEXT NOT NULL,
        PRIMARY KEY (embedding_id, layer_id)
      ) STRICT, WITHOUT ROWID;
    `,
};

/** Whole layers against FBN space. */
export const layerComparisons: Migration = {
  name: 'comparisons of layers',
  sql: `
      CREATE TABLE layer_comparison (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        layer_id INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        content TEXT NOT NULL,
        computed_at TEXT NOT NULL,
        PRIMARY KEY (embedding_id, layer_id)
      ) STRICT, WITHOUT ROWID;
    `,
};
