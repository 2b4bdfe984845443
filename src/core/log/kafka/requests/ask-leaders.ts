import { LogError } from '../../../model/errors.ts';
import { invariant } from '../../../model/invariant.ts';
import type { Runtime } from '../../../runtime/runtime.ts';
import { partitionName } from '../../partition-name.ts';
import type { TopicPartition } from '../../port.ts';
import type { Connections } from '../connections/connections.ts';
import { brokerError, BrokerErrorCode, placeText } from './broker-error.ts';
import { type Patience, repeat } from './repeat.ts';

export interface LeaderRequests<Place, Answer> {
  readonly connections: Connections;
  readonly runtime: Runtime;
  readonly patience: Patience;
  /** One request to a leader; answers or refuses each place, in the order given. */
  readonly ask: (
    nodeId: number,
    places: readonly Place[],
  ) => Promise<readonly (Answer | LogError)[]>;
}

/**
 * Asks the leader of each place, all leaders at the same time. What a leader has answered is never
 * asked again; the rest goes to the leaders of that moment, once none of the requests before is
 * open any more. Rejects when nothing is on its way.
 */
export async function askLeaders<Place extends TopicPartition, Answer>(
  { connections, runtime, patience, ask }: LeaderRequests<Place, Answer>,
  places: readonly Place[],
): Promise<readonly Answer[]> {
  const answers = new Map<string, Answer>();
  let open = places;
  const askOnce = async (): Promise<void> => {
    const errors: unknown[] = [];
    const asked = [...groupByLeader(open, await connections.leadersOf(open))].map(
      async ([nodeId, led]) => {
        const outcomes = nodeId === null ? led.map(leaderless) : await ask(nodeId, led);
        for (const [index, place] of led.entries()) {
          const outcome = outcomes[index];
          invariant(outcome !== undefined, 'Each place is answered.');
          if (outcome instanceof LogError) errors.push(outcome);
          else answers.set(partitionName(place), outcome);
        }
      },
    );
    for (const settled of await Promise.allSettled(asked)) {
      if (settled.status === 'rejected') errors.push(settled.reason);
    }
    open = open.filter((place) => !answers.has(partitionName(place)));
    if (open.length === 0) return;
    connections.forgetLeaders([...new Set(open.map(({ topic }) => topic))]);
    throw gravest(errors);
  };
  if (places.length > 0) await repeat(runtime, patience, askOnce);
  return places.map((place) => {
    const answer = answers.get(partitionName(place));
    invariant(answer !== undefined, 'Each place has an answer.');
    return answer;
  });
}

function groupByLeader<Place extends TopicPartition>(
  places: readonly Place[],
  leaders: readonly (number | null)[],
): ReadonlyMap<number | null, readonly Place[]> {
  const groups = new Map<number | null, Place[]>();
  for (const [index, place] of places.entries()) {
    const leader = leaders[index] ?? null;
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [place]);
    else group.push(place);
  }
  return groups;
}

function leaderless(place: TopicPartition): LogError {
  return brokerError(BrokerErrorCode.leaderNotAvailable, {
    api: 'Metadata',
    subject: placeText(place),
    where: { topic: place.topic, partition: place.partition },
  });
}

/** A doubt outweighs a refusal, and a refusal what may be repeated. */
function gravest(errors: readonly unknown[]): unknown {
  const [first] = [...errors].sort((a, b) => gravity(b) - gravity(a));
  return first;
}

function gravity(error: unknown): number {
  if (!(error instanceof LogError)) return gravities.length;
  return gravities.indexOf(error.errorClass);
}

const gravities: readonly string[] = ['retriable', 'fatal', 'fenced', 'abort-and-reinitialise'];
