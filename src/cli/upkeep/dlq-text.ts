import type { DeadLetter } from '../../core/upkeep/dead-letters.ts';

/** Where a record was in error, and why. */
export function errorLines({ partition, offset, timestamp, error, headers }: DeadLetter): string[] {
  const names = headers.entries().map(([name]) => name);
  return [
    `${partition}:${offset}`,
    `  time: ${new Date(timestamp).toISOString()}`,
    ...[...error].map(([name, value]) => `  ${name}: ${plain(value)}`),
    ...(names.length === 0 ? [] : [`  headers: ${names.map(plain).join(' ')}`]),
  ];
}

/**
 * A key or value as it was asked for: text in quotes, so that no byte moves the cursor; where
 * nobody asked, how long it is.
 */
export function payloadText(bytes: Uint8Array | null, form: 'text' | 'hex' | null): string {
  if (bytes === null) return 'null';
  if (form === null) return `${bytes.length} bytes`;
  const buffer = Buffer.from(bytes);
  return form === 'hex' ? buffer.toString('hex') : JSON.stringify(buffer.toString('utf8'));
}

/** One line without control characters. */
function plain(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}
