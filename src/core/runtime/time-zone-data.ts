/** The version of the time zone data that this process computes with; null if it has none. */
export function timeZoneDataVersion(): string | null {
  return process.versions['tz'] ?? null;
}
