import { int64, onClose, string, TopologyBuilder, tumbling } from '../../../src/index.ts';

/** Counts words, in all and by the second; `--set` changes what they are called, or their size. */
export default function counted({ store = 'counts', size = '1s' }) {
  const builder = new TopologyBuilder('counted', { deadLetter: 'dead' });
  const words = builder.stream('words', { key: string(), value: string() });
  const grouped = words.groupByKey();
  grouped.count({ name: store }).toStream().to('counts-out');
  grouped
    .windowedBy(tumbling(size, { grace: 0 }))
    .count({ name: 'windows', emit: onClose() })
    .toStream()
    .mapValues((count) => count, { value: int64() })
    .selectKey((_value, key) => key.key, { key: string() })
    .to('windows-out');
  return builder.build();
}
