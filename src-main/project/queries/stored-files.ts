import type { Database } from '../database';
import { listEmbeddings, type StoredFile } from './embeddings';

/** Every file inside the project that the database refers to, with its hash; paths relative to the project. */
export function listStoredFiles(database: Database): StoredFile[] {
  const rows = database
    .prepare(
      `SELECT file, file_hash AS hash FROM mask UNION ALL SELECT file, file_hash FROM run UNION ALL SELECT file, file_hash FROM movie
       UNION ALL SELECT file, file_hash FROM model WHERE file IS NOT NULL
       UNION ALL SELECT mean_file, mean_hash FROM run WHERE mean_file IS NOT NULL
       UNION ALL SELECT file, file_hash FROM vocabulary UNION ALL SELECT file, file_hash FROM image_set`,
    )
    .all() as StoredFile[];
  const embeddings = listEmbeddings(database).flatMap(({ result }) =>
    result ? [result.best, result.last ?? [], result.maps].flat() : [],
  );
  return [...rows, ...embeddings];
}
