import { expectTypeOf } from 'vitest';
import {
  type AsyncRecordContext,
  int64,
  type KeySerdeUnknown,
  type KStream,
  noHeaders,
  type Processor,
  type SerdesUnknown,
  string,
  TopologyBuilder,
  type ValueProcessorContext,
  type ValueSerdeUnknown,
} from '../../src/index.ts';

const builder = new TopologyBuilder('types');
const words = builder.stream('words', { key: string(), value: string() });
const lengthOf = (word: string) => Promise.resolve(word.length);

// The value is what the promise brings; the key stays.
expectTypeOf(words.mapAsync(lengthOf, { value: int64() })).toEqualTypeOf<
  KStream<string | null, number>
>();
expectTypeOf(words.mapAsync(lengthOf)).toEqualTypeOf<
  KStream<string | null, number, ValueSerdeUnknown>
>();
words.mapAsync((word, key, context) => {
  expectTypeOf(key).toEqualTypeOf<string | null>();
  expectTypeOf(context).toEqualTypeOf<AsyncRecordContext>();
  return Promise.resolve(word);
});

// @ts-expect-error a mapper that promises nothing is none
words.mapAsync((word) => word.length);
// @ts-expect-error a forgotten return
words.mapAsync(() => Promise.resolve());
// @ts-expect-error the serde is of other values
words.mapAsync(lengthOf, { value: string() });
// @ts-expect-error there is no such order
words.mapAsync(lengthOf, { order: 'values' });

// By key it has to know the key's bytes.
const rekeyed = words.selectKey((word) => word.length);
expectTypeOf(rekeyed).toEqualTypeOf<KStream<number, string, KeySerdeUnknown>>();
// @ts-expect-error no key serde is known
rekeyed.mapAsync(lengthOf);
// @ts-expect-error nor here
rekeyed.mapAsync(lengthOf, { value: int64() });
expectTypeOf(rekeyed.mapAsync(lengthOf, { order: 'partition' })).toEqualTypeOf<
  KStream<number, number, SerdesUnknown>
>();
expectTypeOf(rekeyed.mapAsync(lengthOf, { key: int64(), value: int64() })).toEqualTypeOf<
  KStream<number, number>
>();

// Headers are made of headers, and nothing else changes.
expectTypeOf(words.mapHeaders((headers) => headers.with('a', 'b'))).toEqualTypeOf<
  KStream<string | null, string>
>();
// @ts-expect-error a header is no list of headers
words.mapHeaders((headers) => headers.get('a'));

// A processor of values cannot say a key.
words.processValues({
  name: 'values',
  create: (context: ValueProcessorContext<number>): Processor<string | null, string> => ({
    process({ value, timestamp, headers }) {
      context.forward({ value: value.length, timestamp, headers });
      // @ts-expect-error the key is the record's
      context.forward({ key: 'other', value: value.length, timestamp, headers });
      // @ts-expect-error the values are numbers
      context.forward({ value, timestamp, headers: noHeaders });
    },
  }),
});

// Idle time is a duration.
builder.stream('idle', { key: string(), value: string(), idleAdvance: '5s' });
// @ts-expect-error no duration
builder.stream('idle', { key: string(), value: string(), idleAdvance: 'a while' });
