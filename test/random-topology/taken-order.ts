import type { Topology } from '../../src/index.ts';
import type { CaseRecord } from '../conformance/case-file.ts';

/** The order in which a task takes records that are all there: least time, then order of topics. */
export function orderWhenFilled(
  topology: Topology,
  records: readonly CaseRecord[],
): readonly CaseRecord[] {
  const sources = topology.nodes.filter((node) => node.type === 'source');
  const ranked = [...sources.filter(({ isTable }) => isTable), ...sources];
  const rankOf = ({ topic }: CaseRecord) => ranked.findIndex((source) => source.topic === topic);
  const left = [...records];
  const taken: CaseRecord[] = [];
  while (left.length > 0) {
    const heads = ranked.flatMap(({ topic }) => left.find((one) => one.topic === topic) ?? []);
    heads.sort((a, b) => a.timestamp - b.timestamp || rankOf(a) - rankOf(b));
    const [next] = heads;
    if (next === undefined) throw new Error('A record is for a topic that nobody reads.');
    taken.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return taken;
}
