import { it } from 'vitest';
import { groupLaws } from '../contracts/group.contract.ts';
import { membershipLaws } from '../contracts/membership.contract.ts';
import { groupOnKafka } from './group-on-kafka.ts';
import { stretchedRuntime } from './stretched-runtime.ts';
import { eachKafka } from './support/each-kafka.ts';

/** Laws that do not hold on a broker, with the reason. */
const notOnBrokers: Readonly<Record<string, string>> = {
  'who sends heartbeats but does not join in time is expelled':
    'a broker keeps a static member until its session is over; its generation is refused',
  'without a member id commits are taken only while the group is empty':
    'a broker takes them in a transaction at any time; none is ever sent',
};

/** A session of a second is too short for a machine that does other work too. */
const stretch = 3;

eachKafka('Group contract', ({ brokers }) => {
  for (const [law, holds] of Object.entries({ ...groupLaws, ...membershipLaws })) {
    if (notOnBrokers[law] !== undefined) continue;
    // Most of their time passes in waiting.
    it.concurrent(law, async () => {
      const group = groupOnKafka(brokers, { runtime: stretchedRuntime(stretch), stretch });
      try {
        await holds(group);
      } finally {
        await group.close();
      }
    });
  }
});
