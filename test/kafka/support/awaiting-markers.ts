import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, TopicPartition, Writer } from '../../../src/core/log/port.ts';

const pauseMs = 5;

/**
 * A transactional writer whose transactions have ended for readers too when `commit` and `abort`
 * resolve. A broker answers earlier, as soon as the outcome is certain; it writes the markers into
 * the partitions afterwards. For partitions that no other writer appends to meanwhile.
 */
export function awaitingMarkers(writer: Writer, admin: Admin): Writer {
  const written = new Map<string, TopicPartition>();
  const ending = async (end: () => Promise<void>): Promise<void> => {
    const places = [...written.values()];
    written.clear();
    const before = places.length === 0 ? [] : await admin.ends(places);
    await end();
    for (const [index, place] of places.entries()) {
      const isOpen = async () => {
        const [ends] = await admin.ends([place]);
        return ends?.logEndOffset === before[index]?.logEndOffset;
      };
      while (await isOpen()) await sleep(pauseMs);
    }
  };
  return {
    async produce(batches) {
      const receipts = await writer.produce(batches);
      for (const { topic, partition } of receipts) {
        written.set(`${topic}/${partition}`, { topic, partition });
      }
      return receipts;
    },
    sendOffsets: (offsets, group) => writer.sendOffsets(offsets, group),
    commit: () => ending(() => writer.commit()),
    abort: () => ending(() => writer.abort()),
    close: () => writer.close(),
  };
}
