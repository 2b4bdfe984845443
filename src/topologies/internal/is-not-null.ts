/** For streams of tables that are never given tombstones: final results. */
export function isNotNull<T>(value: T | null): value is T {
  return value !== null;
}
