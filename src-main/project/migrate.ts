import type { Database } from 'better-sqlite3';
import { UserError } from '../../src-preload/shared/domain/errors';

/** One step of a schema: SQL run in one transaction. Never edited once released; its place in the list is its version. */
export interface Migration {
  name: string;
  sql: string;
}

/**
 * Brings a database from its `user_version` to the newest, one transaction per step, so that a step is there wholly or not at all.
 * @throws UserError for a database from a newer program
 */
export function migrate(database: Database, migrations: readonly Migration[], path: string): void {
  const version = Number(database.pragma('user_version', { simple: true }));
  if (version > migrations.length) {
    throw new UserError({
      code: 'project-version',
      what: 'this project was written by a newer version of the program',
      file: path,
      expected: `database version ${migrations.length} or lower`,
      found: `version ${version}`,
      remedy: 'update the program',
    });
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(migration.sql);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}
