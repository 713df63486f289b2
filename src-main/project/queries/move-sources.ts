import { statSync } from 'node:fs';
import type { Database } from '../database';
import type { RecordedSource, SourceUse } from './recorded-sources';

/** A source, and the path under which the same content is. */
export interface MovedSource {
  source: RecordedSource;
  path: string;
}

/** Has everything that was made from these sources name them by their new paths; all of them or, where something fails, none. */
export function moveSources(database: Database, moved: readonly MovedSource[]): void {
  database.transaction(() => {
    for (const one of moved) moveFile(database, one);
    const rows = Map.groupBy(
      moved.flatMap(({ source, path }) => source.uses.map((use) => ({ use, from: source.path, hash: source.hash, to: path }))),
      ({ use }) => `${use.table} ${use.id}`,
    );
    for (const group of rows.values()) renameIn[group[0]!.use.table](database, group[0]!.use.id, group);
  })();
}

/** The row of a file; where the file was imported from its new place too, what refers to it refers to that row from now on. */
function moveFile(database: Database, { source: { path: from, file }, path }: MovedSource): void {
  if (!file) return;
  const { mtimeMs } = statSync(path);
  const there =
    path === from
      ? undefined
      : (database.prepare('SELECT id FROM source WHERE path = ? AND hash = ?').get(path, file.hash) as
          { id: number } | undefined);
  if (!there) {
    database.prepare('UPDATE source SET path = ?, modified_ms = ? WHERE id = ?').run(path, mtimeMs, file.id);
    return;
  }
  for (const table of ['run', 'model'])
    database.prepare(`UPDATE ${table} SET source_id = ? WHERE source_id = ?`).run(there.id, file.id);
  database.prepare('DELETE FROM source WHERE id = ?').run(file.id);
  database.prepare('UPDATE source SET modified_ms = ? WHERE id = ?').run(mtimeMs, there.id);
}

interface Renamed {
  from: string;
  to: string;
}

const nothing = () => undefined;

/** How the rows of each table name sources. */
const renameIn: Record<SourceUse['table'], (database: Database, id: number, renamed: readonly Renamed[]) => void> = {
  // By the row of the file.
  run: nothing,
  model: nothing,
  movie: (database, id, [one]) => database.prepare('UPDATE movie SET source = ? WHERE movie_run_id = ?').run(one!.to, id),
  mask: (database, id, [one]) => database.prepare('UPDATE mask SET origin = ? WHERE id = ?').run(one!.to, id),
  image_set: (database, id, [one]) => {
    database.prepare('UPDATE image_set SET folder = ? WHERE id = ?').run(one!.to, id);
    // The labels of a dissection say in words which folder they were measured on.
    const labels = database
      .prepare(
        `SELECT label_set.id, label_set.content FROM label_set JOIN image_set USING (layer_id, key)
         WHERE image_set.id = ? AND method = 'dissection'`,
      )
      .all(id) as { id: number; content: string }[];
    for (const row of labels) storeContent(database, 'label_set', row.id, moveOrigin(JSON.parse(row.content) as Origin, [one!]));
  },
  label_set: (database, id, renamed) =>
    storeContent(database, 'label_set', id, moveOrigin(readContent(database, 'label_set', id), renamed)),
  vocabulary: (database, id, renamed) => {
    const content = readContent<Origin & { files: { path: string }[] }>(database, 'vocabulary', id);
    renamePaths(content.files, renamed);
    storeContent(database, 'vocabulary', id, moveOrigin(content, renamed));
  },
  embedding: (database, id, renamed) => {
    const row = database.prepare('SELECT inputs, settings FROM embedding WHERE id = ?').get(id) as {
      inputs: string;
      settings: string;
    };
    const inputs = JSON.parse(row.inputs) as { sources: { path: string }[] };
    const settings = JSON.parse(row.settings) as { maps?: string };
    renamePaths(inputs.sources, renamed);
    const maps = renamed.find(({ from }) => from === settings.maps);
    if (maps) settings.maps = maps.to;
    database
      .prepare('UPDATE embedding SET inputs = ?, settings = ? WHERE id = ?')
      .run(JSON.stringify(inputs), JSON.stringify(settings), id);
  },
};

/** What was imported, in words that end with a path: "maps in FOLDER". */
interface Origin {
  origin: string;
}

/** Words that end with a source, or with the folder it lies in, end with its new place. */
function moveOrigin<Content extends Origin>(content: Content, renamed: readonly Renamed[]): Content {
  const folders = renamed.map(({ from, to }) => ({ from: folderOf(from), to: folderOf(to) }));
  const one = [...renamed, ...folders].find(({ from }) => from !== '' && content.origin.endsWith(from));
  return one ? { ...content, origin: content.origin.slice(0, -one.from.length) + one.to } : content;
}

/** The folder of a path of whichever system. */
function folderOf(path: string): string {
  return path.replace(/[/\\]+[^/\\]*$/, '');
}

function renamePaths(files: readonly { path: string }[], renamed: readonly Renamed[]): void {
  const places = new Map(renamed.map(({ from, to }) => [from, to]));
  for (const file of files) file.path = places.get(file.path) ?? file.path;
}

function readContent<Content extends Origin>(database: Database, table: 'label_set' | 'vocabulary', id: number): Content {
  const row = database.prepare(`SELECT content FROM ${table} WHERE id = ?`).get(id) as { content: string };
  return JSON.parse(row.content) as Content;
}

function storeContent(database: Database, table: 'label_set' | 'vocabulary', id: number, content: Origin): void {
  database.prepare(`UPDATE ${table} SET content = ? WHERE id = ?`).run(JSON.stringify(content), id);
}
