import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildReportTable } from '../../../src-main/api/report';
import { openProject } from '../../../src-main/project/project';
import { beginEmbedding, readEmbedding } from '../../../src-main/project/queries/embeddings';
import { listLayers, storeModel } from '../../../src-main/project/queries/models';
import { addSource } from '../../../src-main/project/queries/sources';
import { complete, couple, FILTERS, makeSmallCoupling } from './small-coupling';

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

test('blocks are called by the number in their name; a stem before them is none', () => {
  const { folder, embedding } = makeSmallCoupling();
  const project = openProject(folder, 'test');
  const { database } = project;
  const block = (name: string, position: number) => {
    return { name, position, filters: FILTERS, kind: 'Conv', isLastConvolution: false, blockIndex: position };
  };
  const addModel = (name: string, layers: readonly string[]) => {
    const file = join(folder, `${name}.onnx`);
    writeFileSync(file, 'x');
    const sourceId = addSource(database, file, name.padEnd(64, 'a'));
    const summary = { contentHash: name.padEnd(64, 'a'), preprocessing: {}, description: {} };
    const model = { name, architecture: name, trainedOn: 'ImageNet', top1Percent: null, sourceId, summary };
    const id = storeModel(database, model as never, layers.map(block) as never);
    for (const { id: layer } of listLayers(database, id)) couple(project, embedding, layer, 'run-1', (fbn) => fbn, String(layer));
  };
  addModel('resnet18', ['relu', 'layer1', 'layer2']);
  addModel('densenet161', ['features.denseblock1', 'features.denseblock2']);
  const { rows } = buildReportTable(project, '3').table;
  const layersOf = (model: string) =>
    rows.filter((row) => row.model === model).map(({ layer, run1Published }) => [layer, run1Published]);
  expect(layersOf('resnet18')).toEqual([
    ['relu', null],
    ['Block #1', 0.2401],
    ['Block #2', 0.2534],
  ]);
  expect(layersOf('densenet161').map(([layer]) => layer)).toEqual(['Block #1', 'Block #2']);
  project.close();
});
