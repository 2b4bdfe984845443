import { string, TopologyBuilder } from '../../../src/index.ts';

/** Appends words to one text a key, and dies of 'boom' and 'bang', unless `--set mended=yes`. */
export default function flaky({ mended = 'no' }) {
  const builder = new TopologyBuilder('flaky', { deadLetter: 'dead' });
  builder
    .stream('words', { key: string(), value: string() })
    .groupByKey()
    .aggregate({
      name: 'texts',
      value: string(),
      initializer: () => '',
      aggregator(text, word) {
        if (mended === 'yes') return `${text}${word};`;
        if (word === 'boom') throw new Error('too loud');
        if (word === 'bang') throw new TypeError('too sudden');
        return `${text}${word};`;
      },
      onError: 'dead-letter',
    })
    .toStream()
    .to('texts-out');
  return builder.build();
}
