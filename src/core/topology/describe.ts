import { describeAsDot } from './describe/dot.ts';
import { describeAsJson } from './describe/json.ts';
import { describeAsMermaid } from './describe/mermaid.ts';
import { describeAsText } from './describe/text.ts';
import type { DescribeFormat, Topology } from './plan.ts';

const writers: Readonly<Record<DescribeFormat, (topology: Topology) => string>> = {
  text: describeAsText,
  mermaid: describeAsMermaid,
  dot: describeAsDot,
  json: describeAsJson,
};

export function describeTopology(topology: Topology, as: DescribeFormat): string {
  return writers[as](topology);
}
