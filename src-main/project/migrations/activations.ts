import type { Migration } from '../migrate';

/**
 * The schema of activations.sqlite, the cache that compute processes write; deleting it loses nothing but time.
 * Filter activations are kept in blocks of a few filters ([filters × time], float32): a filter's trace is read without the rest of
 * its layer, and a layer is read in one pass. They arrive by frames, and are gathered elsewhere until a movie run is complete.
 */
export const activationMigrations: readonly Migration[] = [
  {
    name: 'initial',
    sql: `
      CREATE TABLE filter_activation (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        filters INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        complete INTEGER NOT NULL DEFAULT 0 CHECK (complete IN (0, 1))
      ) STRICT;

      CREATE TABLE filter_activation_chunk (
        activation_id INTEGER NOT NULL REFERENCES filter_activation (id) ON DELETE CASCADE,
        start_frame INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (activation_id, start_frame)
      ) STRICT;

      CREATE TABLE top_frames (
        activation_id INTEGER PRIMARY KEY REFERENCES filter_activation (id) ON DELETE CASCADE,
        frames_per_filter INTEGER NOT NULL,
        indices BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;

      CREATE TABLE fbn_activation (
        embedding_key TEXT NOT NULL,
        run_key TEXT NOT NULL,
        fbns INTEGER NOT NULL,
        time_points INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (embedding_key, run_key)
      ) STRICT;

      CREATE TABLE correlation (
        key TEXT PRIMARY KEY,
        fbns INTEGER NOT NULL,
        filters INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    // What was extracted before in chunks of frames goes: it is extracted anew.
    name: 'filter activations by filter',
    sql: `
      DROP TABLE top_frames;
      DROP TABLE filter_activation_chunk;
      DROP TABLE filter_activation;

      CREATE TABLE filter_activation (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        filters INTEGER NOT NULL,
        frames INTEGER NOT NULL,
        filters_per_block INTEGER NOT NULL,
        provenance TEXT NOT NULL
      ) STRICT;

      CREATE TABLE filter_activation_block (
        activation_id INTEGER NOT NULL REFERENCES filter_activation (id) ON DELETE CASCADE,
        first_filter INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL,
        PRIMARY KEY (activation_id, first_filter)
      ) STRICT;

      CREATE TABLE filter_statistics (
        activation_id INTEGER PRIMARY KEY REFERENCES filter_activation (id) ON DELETE CASCADE,
        data BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;

      CREATE TABLE top_frames (
        activation_id INTEGER PRIMARY KEY REFERENCES filter_activation (id) ON DELETE CASCADE,
        frames_per_filter INTEGER NOT NULL,
        indices BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'nulls of the maximum',
    sql: `
      CREATE TABLE null_maxima (
        key TEXT PRIMARY KEY,
        fbns INTEGER NOT NULL,
        copies INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'confound series of movies',
    sql: `
      CREATE TABLE confound_series (
        key TEXT PRIMARY KEY,
        features INTEGER NOT NULL,
        time_points INTEGER NOT NULL,
        data BLOB NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
    `,
  },
];
