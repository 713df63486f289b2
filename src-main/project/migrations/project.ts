import type { Migration } from '../migrate';
import { modelFileColumns } from './models';
import { couplingCorrections, layerAnalyses, layerComparisons } from './corrections';
import { filterLabelTables, spatialNullColumns, wordRelationTable } from './semantics';

/**
 * The schema of project.sqlite. Paths of files inside the project are relative to its folder; sources are absolute.
 * `key` columns hold the cache key of a derived thing: the hash of its inputs, parameters and code version.
 */
export const projectMigrations: readonly Migration[] = [
  {
    name: 'initial',
    sql: `
      CREATE TABLE project (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        uuid TEXT NOT NULL,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL,
        program_version TEXT NOT NULL,
        split_seed INTEGER NOT NULL DEFAULT 0
      ) STRICT;

      CREATE TABLE source (
        id INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        hash TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        modified_ms REAL NOT NULL,
        UNIQUE (path, hash)
      ) STRICT;

      CREATE TABLE mask (
        id INTEGER PRIMARY KEY,
        hash TEXT NOT NULL UNIQUE,
        file TEXT NOT NULL,
        file_hash TEXT NOT NULL,
        voxels INTEGER NOT NULL,
        grid TEXT NOT NULL,
        origin TEXT NOT NULL,
        is_current INTEGER NOT NULL CHECK (is_current IN (0, 1))
      ) STRICT;

      CREATE TABLE subject (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test'))
      ) STRICT;

      CREATE TABLE movie_run (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        tr_seconds REAL,
        time_points INTEGER,
        trimmed TEXT
      ) STRICT;

      CREATE TABLE run (
        id INTEGER PRIMARY KEY,
        subject_id INTEGER NOT NULL REFERENCES subject (id),
        movie_run_id INTEGER NOT NULL REFERENCES movie_run (id),
        mask_id INTEGER NOT NULL REFERENCES mask (id),
        source_id INTEGER NOT NULL REFERENCES source (id),
        key TEXT NOT NULL,
        file TEXT NOT NULL,
        file_hash TEXT NOT NULL,
        volumes INTEGER NOT NULL,
        tr_seconds REAL NOT NULL,
        constant_voxels INTEGER NOT NULL,
        non_finite_voxels INTEGER NOT NULL,
        parameters TEXT NOT NULL,
        warnings TEXT NOT NULL,
        imported_at TEXT NOT NULL,
        UNIQUE (subject_id, movie_run_id)
      ) STRICT;

      CREATE TABLE movie (
        movie_run_id INTEGER PRIMARY KEY REFERENCES movie_run (id),
        source TEXT NOT NULL,
        source_hash TEXT NOT NULL,
        key TEXT NOT NULL,
        file TEXT NOT NULL,
        file_hash TEXT NOT NULL,
        frames INTEGER NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        tr_seconds REAL NOT NULL,
        offset_seconds REAL NOT NULL,
        summary TEXT NOT NULL,
        imported_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE model (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        architecture TEXT,
        trained_on TEXT,
        top1_percent REAL,
        source_id INTEGER NOT NULL REFERENCES source (id),
        summary TEXT NOT NULL,
        imported_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE layer (
        id INTEGER PRIMARY KEY,
        model_id INTEGER NOT NULL REFERENCES model (id) ON DELETE CASCADE,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        filters INTEGER,
        kind TEXT NOT NULL,
        is_last_convolution INTEGER NOT NULL CHECK (is_last_convolution IN (0, 1)),
        block_index INTEGER,
        UNIQUE (model_id, name)
      ) STRICT;

      CREATE TABLE embedding (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        variant TEXT NOT NULL,
        fbns INTEGER NOT NULL,
        mask_id INTEGER NOT NULL REFERENCES mask (id),
        settings TEXT NOT NULL,
        inputs TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('training', 'complete')),
        provenance TEXT NOT NULL,
        result TEXT,
        created_at TEXT NOT NULL,
        finished_at TEXT
      ) STRICT;

      CREATE TABLE epoch (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        epoch INTEGER NOT NULL,
        train_loss REAL NOT NULL,
        validation_loss REAL,
        seconds REAL NOT NULL,
        PRIMARY KEY (embedding_id, epoch)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE coupling (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL,
        embedding_id INTEGER NOT NULL REFERENCES embedding (id),
        layer_id INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
        movie_run_id INTEGER NOT NULL REFERENCES movie_run (id),
        direction TEXT NOT NULL CHECK (direction IN ('fbn-to-filter', 'filter-to-fbn')),
        mode TEXT NOT NULL CHECK (mode IN ('paper')),
        reducer TEXT NOT NULL,
        fbns INTEGER NOT NULL,
        filters INTEGER NOT NULL,
        time_points INTEGER NOT NULL,
        pairs INTEGER NOT NULL,
        undefined_pairs INTEGER NOT NULL,
        mean_r REAL,
        not_significant INTEGER NOT NULL,
        computed_at TEXT NOT NULL,
        UNIQUE (embedding_id, layer_id, movie_run_id, direction, mode, reducer)
      ) STRICT;

      CREATE TABLE pair (
        coupling_id INTEGER NOT NULL REFERENCES coupling (id) ON DELETE CASCADE,
        fbn INTEGER NOT NULL,
        filter INTEGER NOT NULL,
        r REAL NOT NULL,
        p REAL NOT NULL,
        PRIMARY KEY (coupling_id, fbn, filter)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE job (
        id INTEGER PRIMARY KEY,
        type TEXT NOT NULL,
        input TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
        progress TEXT,
        warnings TEXT NOT NULL DEFAULT '[]',
        error TEXT,
        created_at TEXT NOT NULL,
        started_at TEXT,
        finished_at TEXT
      ) STRICT;
    `,
  },
  {
    name: 'removed models and embeddings',
    sql: `
      ALTER TABLE model ADD COLUMN removed_at TEXT;
      ALTER TABLE embedding ADD COLUMN removed_at TEXT;
    `,
  },
  {
    name: 'mean images of runs',
    sql: `
      ALTER TABLE run ADD COLUMN mean_file TEXT;
      ALTER TABLE run ADD COLUMN mean_hash TEXT;
    `,
  },
  {
    name: 'changes that can be taken back',
    sql: `
      CREATE TABLE undo_step (
        id INTEGER PRIMARY KEY,
        label TEXT NOT NULL,
        kind TEXT NOT NULL,
        detail TEXT NOT NULL,
        created_at TEXT NOT NULL
      ) STRICT;
    `,
  },
  {
    name: 'measures of embeddings',
    sql: `
      CREATE TABLE embedding_measure (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('assessment', 'split-half')),
        key TEXT NOT NULL,
        content TEXT NOT NULL,
        measured_at TEXT NOT NULL,
        PRIMARY KEY (embedding_id, kind)
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: 'recovery on a phantom as a measure',
    sql: `
      CREATE TABLE new_measure (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('assessment', 'split-half', 'recovery')),
        key TEXT NOT NULL,
        content TEXT NOT NULL,
        measured_at TEXT NOT NULL,
        PRIMARY KEY (embedding_id, kind)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO new_measure SELECT embedding_id, kind, key, content, measured_at FROM embedding_measure;
      DROP TABLE embedding_measure;
      ALTER TABLE new_measure RENAME TO embedding_measure;
    `,
  },
  {
    name: 'vocabularies of terms',
    sql: `
      CREATE TABLE vocabulary (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        key TEXT NOT NULL,
        file TEXT NOT NULL,
        file_hash TEXT NOT NULL,
        mask_hash TEXT NOT NULL,
        content TEXT NOT NULL,
        imported_at TEXT NOT NULL,
        removed_at TEXT
      ) STRICT;

      CREATE TABLE decoding (
        embedding_id INTEGER NOT NULL REFERENCES embedding (id) ON DELETE CASCADE,
        vocabulary_id INTEGER NOT NULL REFERENCES vocabulary (id) ON DELETE CASCADE,
        key TEXT NOT NULL,
        decoded_at TEXT NOT NULL,
        PRIMARY KEY (embedding_id, vocabulary_id)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE word_kind (
        word TEXT PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('functional', 'anatomical', 'clinical', 'method', 'blocked'))
      ) STRICT, WITHOUT ROWID;
    `,
  },
  {
    name: 'log of annotations',
    sql: `
      CREATE TABLE annotation_event (
        id TEXT PRIMARY KEY,
        counter INTEGER NOT NULL CHECK (counter > 0),
        author TEXT NOT NULL,
        content TEXT NOT NULL,
        hash TEXT NOT NULL
      ) STRICT;
      CREATE INDEX annotation_event_order ON annotation_event (counter, id);
      CREATE TRIGGER annotation_event_is_for_good BEFORE UPDATE ON annotation_event
        BEGIN SELECT RAISE(ABORT, 'events of the annotation log are never changed'); END;
      CREATE TRIGGER annotation_event_stays BEFORE DELETE ON annotation_event
        BEGIN SELECT RAISE(ABORT, 'events of the annotation log are never deleted'); END;
      CREATE TRIGGER annotation_event_is_not_replaced BEFORE INSERT ON annotation_event
        WHEN EXISTS (SELECT 1 FROM annotation_event WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'an event of this id is in the annotation log'); END;
    `,
  },
  { name: 'labels and pictures of filters', sql: filterLabelTables },
  couplingCorrections,
  layerAnalyses,
  { name: 'models converted from checkpoints, and their cards', sql: modelFileColumns },
  { name: 'related words', sql: wordRelationTable },
  {
    name: 'metrics of pairs',
    sql: `
      CREATE TABLE pair_metrics (
        coupling_id INTEGER PRIMARY KEY REFERENCES coupling (id) ON DELETE CASCADE,
        pairs INTEGER NOT NULL,
        means TEXT NOT NULL
      ) STRICT;
    `,
  },
  { name: 'spatial null of decodings', sql: spatialNullColumns },
  { name: 'delays of pairs', sql: 'ALTER TABLE pair ADD COLUMN lag_seconds REAL;' },
  layerComparisons,
  // Float32 of each run, training runs first; null in epochs of before.
  { name: 'losses of runs', sql: 'ALTER TABLE epoch ADD COLUMN run_losses BLOB' },
];
