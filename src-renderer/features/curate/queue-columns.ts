import type { QueueLayer, QueueRow } from '../../../src-preload/shared/contract/queue';
import type { Column } from '../../ui/data-table';
import { formatR } from '../../ui/format';

/** Columns of the queue: its state, who, how strong. The layer is named with the filter: numbers alone mean nothing across layers. */
export function queueColumns(layers: ReadonlyMap<number, QueueLayer>): Column<QueueRow>[] {
  const name = (row: QueueRow) => layers.get(row.layer)?.layer ?? '';
  return [
    { key: 'state', title: '', hint: 'What was decided', width: 28, value: (row) => row.key, format: () => '' },
    { key: 'fbn', title: 'FBN', width: 44, align: 'right', side: 'brain', value: (row) => row.fbn },
    {
      ...{ key: 'filter', title: 'Filter', side: 'network' },
      value: (row) => `${name(row)} ${row.filter}`,
      // The number first: of a long name of a layer the end is cut.
      text: (row) => `${row.filter} · ${name(row)}`,
      full: (row) => `${layers.get(row.layer)?.model ?? ''} · ${name(row)} · filter ${row.filter}`,
    },
    { key: 'r', title: 'r', width: 56, align: 'right', value: (row) => row.r, format: (value) => formatR(value as number) },
  ];
}
