/** A format as manifests and `describe()` show it, and as formats made of others are called. */
export function formatText(named: { readonly format: string; readonly version: number }): string {
  return `${named.format}@${named.version}`;
}
