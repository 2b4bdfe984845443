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

/** Keys and values as they are asked for: text in quotes, so that no byte moves the cursor. */
export function payloadText(bytes: Uint8Array | null, form: 'text' | 'hex'): string {
  if (bytes === null) return 'null';
  const buffer = Buffer.from(bytes);
  return form === 'hex' ? buffer.toString('hex') : JSON.stringify(buffer.toString('utf8'));
}

/** Their length alone, where nobody asked for more. */
export function defaultPayload(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : `${bytes.length} bytes`;
}

/** One line without control characters. */
function plain(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
}
