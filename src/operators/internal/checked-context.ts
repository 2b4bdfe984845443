import { isTime } from '../../core/model/duration.ts';
import { ProcessingError } from '../../core/model/errors.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';

/** The same context, whose `forward` lets no time pass that no source would let in. */
export function checkedContext<K, V>(context: ProcessorContext<K, V>): ProcessorContext<K, V> {
  const checked = Object.create(context) as ProcessorContext<K, V>; // all else is the context's own
  const forward: typeof context.forward = (record, to) => {
    const { timestamp } = record;
    if (isTime(timestamp)) return context.forward(record, to);
    throw new ProcessingError(
      'INVALID_TIMESTAMP',
      `Node '${context.node}' forwarded a record with the timestamp ${timestamp}: ` +
        'give whole milliseconds since the epoch.',
      { where: { node: context.node } },
    );
  };
  return Object.defineProperty(checked, 'forward', { value: forward });
}
