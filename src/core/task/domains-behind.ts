import type { SubTopology } from '../topology/plan.ts';

/** A time domain behind nodes with calls: its time comes from theirs. */
export interface DomainBehind {
  readonly domain: number;
  /** The nodes whose results enter it. */
  readonly feeders: readonly string[];
  /** Their own domains. */
  readonly upstream: readonly number[];
}

/** In plan order of the first node that feeds each. */
export function domainsBehind({ nodes, timeDomains }: SubTopology): readonly DomainBehind[] {
  const domainOf = (name: string) => timeDomains.get(name) ?? 0;
  const feedersOf = new Map<number, Set<string>>();
  for (const feeder of nodes) {
    if (feeder.type !== 'operator' || feeder.calls === null) continue;
    for (const child of nodes.filter(({ parents }) => parents.includes(feeder))) {
      const domain = domainOf(child.name);
      feedersOf.set(domain, (feedersOf.get(domain) ?? new Set()).add(feeder.name));
    }
  }
  return [...feedersOf].map(([domain, feeders]) => ({
    domain,
    feeders: [...feeders],
    upstream: [...new Set([...feeders].map(domainOf))],
  }));
}
