/** Where text goes: standard output, or a test. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

/** Pages come from outside: no control characters to the terminal, no endless lines. */
export function printable(text: string, maxLength: number): string {
  const shown = text.replace(/\p{Cc}/gu, '?');
  return shown.length <= maxLength ? shown : `${shown.slice(0, maxLength - 1)}…`;
}
