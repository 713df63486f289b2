import { expect, test } from 'vitest';
import { buildReportTable } from '../../../src-main/api/report';
import { openProject } from '../../../src-main/project/project';
import { beginEmbedding, readEmbedding } from '../../../src-main/project/queries/embeddings';
import { complete, couple, makeSmallCoupling } from './small-coupling';

test('a table takes the newest embedding with as many FBNs as the paper’s, and says which; others can be asked for', () => {
  const { folder, embedding, layer } = makeSmallCoupling();
  const project = openProject(folder, 'test');
  const { database } = project;
  const { maskId } = readEmbedding(database, embedding)!;
  const add = (fbns: number, letter: string, isCoupled = true) => {
    const inputs = { trainRuns: [], validationRuns: [] };
    const key = letter.repeat(64);
    const made = { key, variant: 'lt-msa', fbns, maskId, settings: { heads: 8 }, inputs, provenance: {} };
    const { id } = beginEmbedding(database, made as never);
    complete(project, id, letter);
    if (isCoupled) couple(project, id, layer, 'run-1', (fbn) => fbn, letter);
    return id;
  };
  const [papers, newest] = [add(64, '1'), add(8, '2')];
  add(64, '3', false);
  expect(buildReportTable(project, '1').embedding).toBe(papers);
  expect(buildReportTable(project, '1', newest).embedding).toBe(newest);
  expect(buildReportTable(project, '1').table.caption).toContain(`Embedding ${papers}, LT+MSA, 8 heads.`);
  expect(() => buildReportTable(project, '5')).toThrow(/expected couplings with 128 FBNs/);
  expect(buildReportTable(project, 'paper').embedding).toBeUndefined();
  project.close();
});
