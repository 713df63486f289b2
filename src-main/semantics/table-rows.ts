import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import { throwIfCancelled, UserError } from '../../src-preload/shared/domain/errors';

/** The longest rows are those of Network Dissection's tally, of a few hundred characters. */
const LONGEST_ROW = 1 << 24;
/** Neurosynth's coordinates take 60 MB. */
const LARGEST_UNPACKED = 1 << 30;

export interface TableRequest<Required extends string, Optional extends string> {
  /** Columns that must be there. */
  required: readonly Required[];
  /** Columns that may be there; their cells are undefined where they are not. */
  optional?: readonly Optional[];
  signal?: AbortSignal;
}

/** The cells of a row by the columns asked for, and the line of the file on which it starts. */
export type TableRow<Required extends string, Optional extends string> = Record<Required, string> &
  Partial<Record<Optional, string>> & { line: number };

/**
 * Reads a table with a header row, one row at a time: tab-separated where the name says .tsv or .txt, else commas; .gz is
 * unpacked on the way.
 * @throws UserError for a missing column, a row of another length, or a damaged archive
 */
export async function readTableRows<Required extends string, Optional extends string = never>(
  path: string,
  { required, optional = [], signal }: TableRequest<Required, Optional>,
  visit: (row: TableRow<Required, Optional>) => void,
): Promise<void> {
  let places: [name: string, column: number][] | undefined;
  let line = 0;
  try {
    for await (const cells of rowsOf(path)) {
      line++;
      if (line % 4096 === 0) throwIfCancelled(signal);
      if (!places) {
        places = findColumns(path, cells, required, optional);
        continue;
      }
      const row: Record<string, unknown> = { line };
      for (const [name, column] of places) row[name] = cells[column];
      visit(row as TableRow<Required, Optional>);
    }
  } catch (caught) {
    throw explain(caught, path);
  }
  if (!places)
    throw new UserError({
      code: 'file-content',
      what: 'the table is empty',
      file: path,
      expected: `columns ${required.join(', ')}`,
      found: 'nothing',
    });
}

/** The names in the header row of a table. */
export async function readColumnNames(path: string): Promise<string[]> {
  try {
    for await (const cells of rowsOf(path)) return cells.map((name) => name.trim());
  } catch (caught) {
    throw explain(caught, path);
  }
  throw new UserError({ code: 'file-content', what: 'the table is empty', file: path });
}

function rowsOf(path: string): AsyncIterable<string[]> {
  const plain = path.replace(/\.gz$/i, '');
  const parser = parse({
    delimiter: /\.(tsv|txt)$/i.test(plain) ? '\t' : ',',
    bom: true,
    relax_quotes: true,
    skip_empty_lines: true,
    // Without a line break, a whole file would be gathered as one.
    max_record_size: LONGEST_ROW,
  });
  const source = createReadStream(path, { highWaterMark: 1 << 16 });
  // An error anywhere destroys the parser, and its iterator throws it.
  if (plain === path) pipeline(source, parser, () => {});
  else
    pipeline(
      source,
      createGunzip(),
      (pieces: AsyncIterable<Buffer>) => bounded(pieces, path),
      parser,
      () => {},
    );
  return parser;
}

/** Bytes as they come, as long as a table could be made of so many. */
async function* bounded(pieces: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > LARGEST_UNPACKED)
      throw new UserError({
        code: 'file-refused',
        ...{ what: 'the table unpacks to too much', file, expected: `at most ${LARGEST_UNPACKED / 2 ** 20} MiB`, found: 'more' },
        remedy: 'unpack it, and look whether it is what it should be',
      });
    yield piece;
  }
}

function findColumns(
  path: string,
  header: readonly string[],
  required: readonly string[],
  optional: readonly string[],
): [string, number][] {
  const names = header.map((name) => name.trim());
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new UserError({
      code: 'file-content',
      what: `the table has no column "${missing.join('", "')}"`,
      file: path,
      expected: `columns ${required.join(', ')}`,
      found: names.slice(0, 12).join(', '),
      remedy: 'use the file as its publisher offers it',
    });
  }
  return [...required, ...optional].filter((name) => names.includes(name)).map((name) => [name, names.indexOf(name)]);
}

function explain(caught: unknown, file: string): unknown {
  if (!(caught instanceof Error) || !('code' in caught)) return caught;
  const code = String(caught.code);
  if (code.startsWith('CSV_')) {
    const found =
      code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH' ? caught.message.replace(/^Invalid Record Length: /, '') : caught.message;
    return new UserError({
      code: 'file-content',
      what: 'the table cannot be read',
      file,
      found,
      remedy: 'use the file as its publisher offers it',
    });
  }
  if (code.startsWith('Z_')) {
    return new UserError({
      code: 'file-damaged',
      what: 'the archive is damaged',
      file,
      found: caught.message,
      remedy: 'download or copy it again',
    });
  }
  return caught;
}
