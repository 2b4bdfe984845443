import type { LiveOutput } from './events/event-topology.ts';
import { text, topic } from './settings.ts';

/** What every ready-made topology of events is set by. */
export function eventSettings(name: string) {
  return {
    application: text({ description: 'Names the group and the internal topics', default: name }),
    input: topic({ description: 'The topic of the events, in JSON' }),
    deadLetter: topic({
      description: 'The topic of events that cannot be decoded; without it one stops the worker',
      default: null,
    }),
  };
}

/** Settings as options: one that is left out is null, an option is absent. */
export function whereGiven<Given extends object>(
  given: Given,
): { readonly [Name in keyof Given]?: NonNullable<Given[Name]> } {
  const entries = Object.entries(given).filter(([, value]) => value !== null);
  return Object.fromEntries(entries) as ReturnType<typeof whereGiven<Given>>; // without the nulls
}

/** Live results to a topic; null: none. */
export function liveTo(topic: string | null): LiveOutput | null {
  return topic === null ? null : { topic };
}
