import { readFileSync } from 'node:fs';

const bytesPerMib = 1024 * 1024;
const sampleMs = 100;

/** Anonymous memory of this process: heap and buffers, without files that are mapped. */
function anonymousMib(): number {
  const kib = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  if (kib === undefined)
    throw new Error('This system does not tell RssAnon: it is Linux that does.');
  return (Number(kib) * 1024) / bytesPerMib;
}

/** Looks at the memory again and again until it is stopped. */
export function watchMemory(): { readonly maxMib: () => number; readonly stop: () => void } {
  let max = anonymousMib();
  const look = (): number => (max = Math.max(max, anonymousMib()));
  const timer = setInterval(look, sampleMs);
  return { maxMib: look, stop: () => clearInterval(timer) };
}
