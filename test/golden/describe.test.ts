import { describe, expect, it } from 'vitest';
import { buildTopology } from '../../src/core/topology/build-topology.ts';
import { settings } from '../support/plan-nodes.ts';
import { plans } from '../support/plans.ts';

const endings = { text: 'txt', mermaid: 'mmd', dot: 'dot', json: 'json' } as const;
const formats = ['text', 'mermaid', 'dot', 'json'] as const;

describe.each(Object.entries(plans))('describe() of %s', (name, plan) => {
  it.each(formats)('as %s is the golden file', async (as) => {
    const topology = buildTopology(settings({ application: 'golden' }), plan());
    await expect(topology.describe({ as })).toMatchFileSnapshot(`describe/${name}.${endings[as]}`);
  });

  it('is text by default, and the same each time', () => {
    const first = buildTopology(settings(), plan());
    const second = buildTopology(settings(), plan());
    expect(first.describe()).toBe(first.describe({ as: 'text' }));
    for (const as of formats) expect(second.describe({ as })).toBe(first.describe({ as }));
  });
});
