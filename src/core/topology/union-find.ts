/** Disjoint sets of values; a value that was never joined is a set of its own. */
export class UnionFind<T> {
  private readonly parents = new Map<T, T>();

  /** The member that stands for the whole set. */
  find(value: T): T {
    let root = value;
    for (let next = this.parents.get(root); next !== undefined; next = this.parents.get(root)) {
      root = next;
    }
    return root;
  }

  join(a: T, b: T): void {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA !== rootB) this.parents.set(rootB, rootA);
  }

  /** The values by set, in their order; the sets in the order of their first member. */
  groups(values: Iterable<T>): T[][] {
    const groups = new Map<T, T[]>();
    for (const value of values) {
      const root = this.find(value);
      const group = groups.get(root);
      if (group === undefined) groups.set(root, [value]);
      else group.push(value);
    }
    return [...groups.values()];
  }
}
