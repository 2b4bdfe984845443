import type { Scannable } from '../../core/task/state-port.ts';
import type { ProcessorContext } from '../../core/topology/processor.ts';

/** A range of one entry, which stands in no store. */
const once: Scannable<null, null> = {
  openScan() {
    let isRead = false;
    return {
      next() {
        if (isRead) return [];
        isRead = true;
        return [null];
      },
      close: () => undefined,
    };
  },
};

/**
 * Calls back when the current record has passed through the whole sub-topology. What is done then
 * still belongs to that record.
 */
export function afterRecord(
  context: Pick<ProcessorContext<never, never>, 'scan'>,
  callback: () => void,
): void {
  context.scan(once, null, callback);
}
