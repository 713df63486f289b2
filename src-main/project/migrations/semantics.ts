/** Labels of filters, and images that activate them most; part of the schema of project.sqlite. */
export const filterLabelTables = `
  CREATE TABLE label_set (
    id INTEGER PRIMARY KEY,
    layer_id INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    method TEXT NOT NULL,
    score TEXT CHECK (score IN ('IoU', 'similarity')),
    key TEXT NOT NULL,
    content TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    removed_at TEXT,
    UNIQUE (layer_id, name)
  ) STRICT;

  CREATE TABLE filter_label (
    label_set_id INTEGER NOT NULL REFERENCES label_set (id) ON DELETE CASCADE,
    filter INTEGER NOT NULL,
    label TEXT NOT NULL,
    category TEXT,
    score REAL,
    chance REAL,
    candidates TEXT NOT NULL,
    PRIMARY KEY (label_set_id, filter)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE image_set (
    id INTEGER PRIMARY KEY,
    layer_id INTEGER NOT NULL REFERENCES layer (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    folder TEXT NOT NULL,
    key TEXT NOT NULL,
    file TEXT NOT NULL,
    file_hash TEXT NOT NULL,
    content TEXT NOT NULL,
    made_at TEXT NOT NULL,
    removed_at TEXT,
    UNIQUE (layer_id, name)
  ) STRICT;
`;

/** What was found of random maps beside the r of a decoding. */
export const spatialNullColumns = `
  ALTER TABLE decoding ADD COLUMN null_key TEXT;
  ALTER TABLE decoding ADD COLUMN null_permutations INTEGER;
`;

/** Words that the user's list says are related, both as lemmas. */
export const wordRelationTable = `
  CREATE TABLE word_relation (
    word TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (word, other)
  ) STRICT, WITHOUT ROWID;
`;
