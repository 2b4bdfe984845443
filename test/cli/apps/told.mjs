import { existsSync, writeFileSync } from 'node:fs';
import { memoryBackend, string, TopologyBuilder } from '../../../src/index.ts';

/** Does what its settings say: `--set once=FILE` limits that to the first process. */
export default async function told({ once, exit, kill, reject, wait, keep }) {
  const builder = new TopologyBuilder('told');
  const counts = builder
    .stream('words', { key: string(), value: string() })
    .groupByKey()
    .count({ name: 'counts' });
  counts.toStream().to('counted');
  if (keep !== undefined) setInterval(() => undefined, 1_000_000);
  if (once !== undefined) {
    if (existsSync(once)) return builder.build();
    writeFileSync(once, '');
  }
  if (exit !== undefined) process.exit(Number(exit));
  if (kill !== undefined) process.kill(process.pid, kill);
  if (reject !== undefined) void Promise.reject(new Error('nobody waits for this'));
  if (wait !== undefined) {
    process.stdout.write('waiting for ever\n');
    await new Promise((resolve) => setInterval(resolve, 1_000_000));
  }
  return builder.build();
}

/** With the environment HANG: a state that never closes. */
export const options = process.env.HANG === undefined ? {} : { state: neverClosing() };

function neverClosing() {
  const backend = memoryBackend();
  return {
    open(request) {
      process.stdout.write('state is open\n');
      const state = backend.open(request);
      return new Proxy(state, {
        get(target, name) {
          if (name === 'close') return () => new Promise((resolve) => setInterval(resolve, 1e6));
          const value = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    },
  };
}
