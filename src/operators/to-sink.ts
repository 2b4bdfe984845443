import type { ErrorPolicy } from '../core/model/drop-reason.ts';
import { bytes } from '../core/serde/bytes.ts';
import type { Sink } from '../core/sink/sink.ts';
import { outboxName } from '../core/topology/names.ts';
import type { Handle } from './internal/handle.ts';
import { operatorNode } from './internal/node.ts';
import { repartitioned } from './internal/repartition-node.ts';

export interface ToSinkOptions {
  /** What becomes of a row that cannot be serialised, or is too large. Default `'fail'`. */
  readonly onError?: ErrorPolicy;
}

export function toSink<K, Row>(
  from: Handle,
  sink: Sink<Row>,
  { onError }: ToSinkOptions = {},
): void {
  const { draft } = from;
  const rows = operatorNode<K, Row, null, Uint8Array>({
    kind: 'to-sink',
    name: `${sink.name}-rows`,
    parents: [from.node],
    onError,
    createProcessor: (context) => ({
      process(record) {
        const { value } = record;
        if (value === null) return context.drop(record, 'null-value');
        const row = sink.row.serialize(value);
        context.forward({ ...record, key: null, value: asBytes(row) });
      },
    }),
  });
  // Without a key each task writes a partition of its own: one writer, one reader.
  const name = outboxName(sink.name);
  const outbox = repartitioned(
    { ...from, node: draft.add(rows) },
    {
      kind: 'outbox',
      name,
      topicName: name,
      key: bytes(),
      value: bytes(),
      onError,
    },
  );
  const delivery = operatorNode<null, Uint8Array, never, never>({
    kind: 'sink',
    name: `${sink.name}-delivery`,
    parents: [outbox.node],
    detail: sink.detail,
    delivery: sink,
    // Runs in test drivers alone, where nothing is delivered.
    createProcessor: () => ({ process: () => undefined }),
  });
  draft.add(delivery);
}

function asBytes(row: Uint8Array | string): Uint8Array {
  return typeof row === 'string' ? Buffer.from(row) : row;
}
