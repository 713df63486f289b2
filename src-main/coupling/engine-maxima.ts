import type { Engine, EngineSession, Tensor } from '../../src-preload/shared/domain/engine';
import type { Matrix } from '../../src-preload/shared/domain/matrix';
import { GraphBuilder } from '../onnx/graph-builder';
import { circulant, foldRows, foldSeries, foldsOf, skewCirculant } from './circulant-folds';
import { toTensor, transposed } from './engine-tensors';
import type { Copies, SeriesMaxima } from './product';

type SessionOptions = Parameters<Engine['createSession']>[1];

/** A session that holds the filters packed, ready for many products. */
interface Prepared {
  filters: Matrix;
  key: string;
  session: EngineSession;
}

/**
 * The largest entries of copies · filtersᵀ on an engine. Filters that are the same matrix as in the last call are not handed over
 * again: they are a constant of a graph of their own, which the engine packs once (a quarter of the time of a product otherwise).
 * Circular shifts are not multiplied out: see circulant-folds.
 */
export class EngineMaxima {
  private prepared: Prepared | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly options: SessionOptions,
  ) {}

  readonly maxima: SeriesMaxima = async (copies, filters, columns) => {
    const folds = copies.shiftsOf ? foldsOf(copies.columns) : 0;
    const session = await this.sessionFor(filters, folds, columns !== undefined);
    const feeds = leftSides(copies, folds);
    if (!columns) return (await session.run(feeds)).maxima!.data as Float32Array;
    const tensor = (data: Float32Array) => toTensor({ rows: copies.rows, columns: filters.rows, data });
    const fetches = { maxima: null, into: tensor(columns.into) };
    const { maxima } = await session.run({ ...feeds, from: tensor(columns.from) }, fetches);
    return maxima!.data as Float32Array;
  };

  async release(): Promise<void> {
    const { prepared } = this;
    this.prepared = undefined;
    await prepared?.session.release();
  }

  private async sessionFor(filters: Matrix, folds: number, keepsColumns: boolean): Promise<EngineSession> {
    const key = `${folds} ${keepsColumns}`;
    if (this.prepared?.filters !== filters || this.prepared.key !== key) {
      await this.release();
      const session = await this.engine.createSession(maximaGraph(filters, folds, keepsColumns), this.options);
      this.prepared = { filters, key, session };
    }
    return this.prepared.session;
  }
}

/** What goes to the left of the filters' parts: the copies themselves, or what their shifts come to. */
function leftSides(copies: Copies, folds: number): Record<string, Tensor> {
  if (!copies.shiftsOf || folds === 0) return { part0: toTensor(copies) };
  const { differences, sum } = foldSeries(copies.shiftsOf, folds);
  const parts = [...differences.map(skewCirculant), circulant(sum)];
  return Object.fromEntries(parts.map((part, i) => [`part${i}`, toTensor(part)]));
}

/** With no folds one product; with folds one of each part, put together by sums and differences. */
function maximaGraph(filters: Matrix, folds: number, keepsColumns: boolean): Uint8Array {
  const graph = new GraphBuilder('series-maxima');
  const parts = foldRows(filters, folds);
  const products = parts.map((part, i) => {
    const left = graph.input(`part${i}`, 'float', [`rows${i}`, `time${i}`]);
    return graph.node('MatMul', [left, graph.constant(`filters${i}`, [part.columns, part.rows], transposed(part))]);
  });
  const largest = (value: string) => graph.node('ReduceMax', [value, graph.integers([1])], { keepdims: 0 });
  const both = (p: string, q: string) => [graph.node('Add', [p, q]), graph.node('Sub', [p, q])] as const;
  const [difference, ...inner] = products.slice(0, -1);
  const innermost = products.at(-1)!;
  const halves = inner.reduceRight((p, q) => graph.node('Concat', both(p, q), { axis: 0 }), innermost);
  const blocks = difference === undefined ? [halves] : both(halves, difference);
  const joined = (values: readonly string[]) => (values.length === 1 ? values[0]! : graph.node('Concat', values, { axis: 0 }));
  if (keepsColumns) {
    const dims = ['copies', filters.rows];
    graph.output('into', graph.node('Max', [graph.input('from', 'float', dims), joined(blocks)]), 'float', dims);
  }
  graph.output('maxima', joined(blocks.map(largest)), 'float', ['copies']);
  return graph.encode();
}
