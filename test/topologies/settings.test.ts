import { expect, it } from 'vitest';
import { intakeTopology } from '../../src/topologies/intake.ts';
import { sessionsTopology } from '../../src/topologies/sessions.ts';
import { viewCountsTopology } from '../../src/topologies/view-counts.ts';

const topics = { input: 'in', accepted: 'accepted', quarantine: 'quarantine', final: 'final' };

it.each([
  {
    topology: intakeTopology,
    names: ['input', 'accepted', 'quarantine'],
    wrong: 'duplicatesWithin',
  },
  { topology: sessionsTopology, names: ['input', 'final'], wrong: 'gap' },
  { topology: sessionsTopology, names: ['input', 'final'], wrong: 'maxLength' },
  { topology: viewCountsTopology, names: ['input', 'final'], wrong: 'window' },
])('a $wrong of 0 is refused by its name', async ({ topology, names, wrong }) => {
  const given = Object.entries(topics).filter(([name]) => names.includes(name));
  const built = async () => topology.build({ ...Object.fromEntries(given), [wrong]: '0s' });
  await expect(built()).rejects.toThrow(new RegExp(`${wrong}.*above 0`));
});
