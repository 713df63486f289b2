import { statSync } from 'node:fs';
import type { SourceKind } from '../../../src-preload/shared/contract/sources';
import type { Database } from '../database';
import { RECIPE, sourceState, type SourceState } from './sources';

/** A row that names a source. */
export interface SourceUse {
  table: 'run' | 'movie' | 'model' | 'embedding' | 'vocabulary' | 'label_set' | 'image_set' | 'mask';
  id: number;
  /** What was made of the source, for people: "scan sub-01 movie1". */
  name: string;
}

/** A file or folder outside the project that something in it was made from. */
export interface RecordedSource {
  /** Absolute, on the machine it was imported on. */
  path: string;
  kind: SourceKind;
  /** As its kind says; null where no hash was kept (pictures that an older version looked at). */
  hash: string | null;
  /** Row of the table of files; null for folders. */
  file: { id: number; hash: string; bytes: number; modifiedMilliseconds: number } | null;
  /** At least one: files that nothing is made from any more are left out. */
  uses: SourceUse[];
}

interface UseRow extends SourceUse {
  path: string;
  hash: string | null;
}

/** Files that rows name by path and hash; of a mask, whose hash is that of its voxels, by path alone. */
const FILE_USES = `
  SELECT 'run' AS 'table', run.id, 'scan ' || subject.name || ' ' || movie_run.name AS name, source.path, source.hash FROM run
    JOIN source ON source.id = source_id JOIN subject ON subject.id = subject_id JOIN movie_run ON movie_run.id = movie_run_id
  UNION ALL SELECT 'model', model.id, 'CNN ' || name, path, hash FROM model JOIN source ON source.id = source_id
  UNION ALL SELECT 'movie', movie_run_id, 'movie of ' || movie_run.name, source, source_hash
    FROM movie JOIN movie_run ON movie_run.id = movie_run_id
  UNION ALL SELECT 'embedding', embedding.id, 'FBNs ' || coalesce(settings ->> '$.name', 'of embedding ' || embedding.id),
      file.value ->> '$.path', file.value ->> '$.hash'
    FROM embedding, json_each(inputs, '$.sources') AS file
  UNION ALL SELECT 'vocabulary', vocabulary.id, 'terms ' || name, file.value ->> '$.path', file.value ->> '$.hash'
    FROM vocabulary, json_each(content, '$.files') AS file
  UNION ALL SELECT 'label_set', id, 'labels ' || name, content ->> '$.origin', content ->> '$.sourceHash'
    FROM label_set WHERE method <> 'dissection'
  UNION ALL SELECT 'mask', id, 'brain mask', origin, NULL FROM mask`;

/** Folders of pictures: dissections keep a hash beside their labels, which older versions kept there alone. */
const PICTURE_USES = `
  SELECT DISTINCT 'image_set' AS 'table', image_set.id, 'pictures ' || image_set.name AS name, folder AS path,
    coalesce(image_set.content ->> '$.sourceHash', label_set.content ->> '$.sourceHash') AS hash,
    CASE WHEN label_set.id IS NULL THEN 'pictures' ELSE 'labelled pictures' END AS kind
  FROM image_set LEFT JOIN label_set
    ON label_set.layer_id = image_set.layer_id AND label_set.key = image_set.key AND label_set.method = 'dissection'`;

/** The hash of a model with the weights beside its file, where there are any: not of one that was converted into the project. */
const CONTENT_HASHES = `
  SELECT source_id AS id, summary ->> '$.contentHash' AS contentHash FROM model JOIN source ON source.id = source_id
  WHERE file IS NULL AND contentHash <> source.hash`;

/** Everything outside the project that something in it was made from, by path. Removed parts count: they can be put back. */
export function listRecordedSources(database: Database): RecordedSource[] {
  const found = [...listFiles(database), ...listFrames(database), ...listPictures(database)];
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function listFiles(database: Database): RecordedSource[] {
  const files = database
    .prepare('SELECT id, path, hash, bytes, modified_ms AS modifiedMilliseconds FROM source ORDER BY id')
    .all() as (NonNullable<RecordedSource['file']> & { path: string })[];
  const rows = database.prepare(FILE_USES).all() as UseRow[];
  const uses = Map.groupBy(rows, ({ path, hash }) => `${hash ?? ''} ${path}`);
  const contentHashes = database.prepare(CONTENT_HASHES).all() as { id: number; contentHash: string }[];
  const contentHashOf = new Map(contentHashes.map(({ id, contentHash }) => [id, contentHash]));
  return files.flatMap(({ path, ...file }) => {
    const own = [...(uses.get(`${file.hash} ${path}`) ?? []), ...(uses.get(` ${path}`) ?? [])];
    if (own.length === 0 || path.startsWith(RECIPE)) return [];
    const contentHash = contentHashOf.get(file.id);
    const kind = contentHash === undefined ? ('file' as const) : ('model with weights beside it' as const);
    return [{ path, kind, hash: contentHash ?? file.hash, file, uses: own.map(toUse) }];
  });
}

/** Movies of images: no file of them is recorded. */
function listFrames(database: Database): RecordedSource[] {
  const rows = database
    .prepare(
      `SELECT 'movie' AS 'table', movie_run_id AS id, 'movie of ' || movie_run.name AS name, source AS path, source_hash AS hash
       FROM movie JOIN movie_run ON movie_run.id = movie_run_id
       WHERE NOT EXISTS (SELECT 1 FROM source WHERE source.path = movie.source AND source.hash = source_hash)`,
    )
    .all() as UseRow[];
  return groupFolders(rows.map((row) => ({ ...row, kind: 'frames' as const })));
}

function listPictures(database: Database): RecordedSource[] {
  return groupFolders(database.prepare(PICTURE_USES).all() as (UseRow & { kind: SourceKind })[]);
}

function groupFolders(rows: readonly (UseRow & { kind: SourceKind })[]): RecordedSource[] {
  const groups = Map.groupBy(rows, ({ path, hash, kind }) => [kind, hash, path].join(' '));
  return [...groups.values()].map((group) => {
    const { path, hash, kind } = group[0]!;
    return { path, kind, hash, file: null, uses: group.map(toUse) };
  });
}

function toUse({ table, id, name }: UseRow): SourceUse {
  return { table, id, name };
}

/** Whether a source is still as it was read, told by size and time of change; of a folder, whether it is there. */
export function recordedState({ path, file }: RecordedSource): SourceState {
  if (file) return sourceState({ path, ...file });
  try {
    return statSync(path).isDirectory() ? 'unchanged' : 'missing';
  } catch {
    return 'missing';
  }
}
