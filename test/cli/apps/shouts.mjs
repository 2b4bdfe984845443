import { string, TopologyBuilder } from '../../../src/index.ts';

const builder = new TopologyBuilder('shouts');
builder
  .stream('words', { key: string(), value: string() })
  .mapValues(
    (word) => {
      if (word === 'boom') throw new Error('this word is too loud');
      process.stdout.write(`shouting ${word}\n`);
      return word.toUpperCase();
    },
    { value: string() },
  )
  .to('shouted');

export default builder.build();

export const options = { commitInterval: '50ms' };
