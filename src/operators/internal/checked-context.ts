import { isTime } from '../../core/model/duration.ts';
import { ProcessingError } from '../../core/model/errors.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';
import { checkHeaders } from './callbacks.ts';

/** The same context, whose `forward` lets nothing pass that no source would let in. */
export function checkedContext<K, V>(context: ProcessorContext<K, V>): ProcessorContext<K, V> {
  const checked = Object.create(context) as ProcessorContext<K, V>; // all else is the context's own
  const forward: typeof context.forward = (record, to) => {
    const { timestamp } = record;
    if (!isTime(timestamp)) throw noTime(context.node, timestamp);
    checkHeaders(context.node, record.headers);
    return context.forward(record, to);
  };
  return Object.defineProperty(checked, 'forward', { value: forward });
}

function noTime(node: string, timestamp: number): ProcessingError {
  return new ProcessingError(
    'INVALID_TIMESTAMP',
    `Node '${node}' forwarded a record with the timestamp ${timestamp}: ` +
      'give whole milliseconds since the epoch.',
    { where: { node } },
  );
}
