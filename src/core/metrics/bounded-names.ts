/**
 * Names that a program may make up, as values of a label: the first so many keep their name, all
 * later ones share one. What was given once stays, so that no series changes its meaning.
 */
export class BoundedNames {
  private readonly known = new Set<string>();

  constructor(
    private readonly maxNames: number,
    private readonly others: string,
  ) {}

  of(name: string): string {
    if (this.known.has(name)) return name;
    if (this.known.size >= this.maxNames) return this.others;
    this.known.add(name);
    return name;
  }
}
