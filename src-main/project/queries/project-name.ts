import type { Database } from '../database';

/** What the project is called. */
export function readProjectName(database: Database): string {
  return (database.prepare('SELECT name FROM project').get() as { name: string }).name;
}
