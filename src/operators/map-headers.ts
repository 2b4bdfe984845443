import type { Headers } from '../core/model/headers.ts';
import { checkHeaders, undefinedValue } from './internal/callbacks.ts';
import type { Handle } from './internal/handle.ts';
import { statelessNode } from './internal/stateless.ts';

export type HeadersMapper<K, V> = (headers: Headers, value: V, key: K) => Headers;

export function mapHeaders<K, V>(from: Handle, mapper: HeadersMapper<K, V>): Handle {
  return statelessNode<K, V, K, V>(from, 'map-headers', (context) => ({
    process({ key, value, timestamp, headers: before }) {
      // A mapper written in JavaScript may forget to return.
      const headers: Headers | undefined = mapper(before, value, key);
      if (headers === undefined) throw undefinedValue(context.node, 'headers mapper');
      checkHeaders(context.node, headers);
      context.forward({ key, value, timestamp, headers });
    },
  }));
}
