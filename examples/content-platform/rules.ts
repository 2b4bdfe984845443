import { z } from 'zod';
import type { EventRules } from '../../src/topologies/intake.ts';

/** What the events of the site have to obey, by their type. */
export const eventRules: EventRules = {
  rules: {
    page_view: { event: z.object({ context: z.object({ page: z.string().startsWith('/') }) }) },
    search: z.object({ query: z.string().min(1) }),
    like: z.object({ stars: z.number().int().min(1).max(5) }),
  },
  unknownTypes: 'quarantine',
  unknownVisitors: 'quarantine',
};
