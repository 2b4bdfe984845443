import { expectTypeOf } from 'vitest';
import { readyMade } from '../../src/topologies/ready-made.ts';
import { count, duration, oneOf, text, topic } from '../../src/topologies/settings.ts';

// What a setting comes to is told by its default, not by where the setting stands.
readyMade({
  name: 'types',
  summary: 'Types.',
  settings: {
    given: topic({ description: 'Has to be given' }),
    filled: text({ description: 'Has a default', default: 'a' }),
    open: topic({ description: 'May be left out', default: null }),
    choice: oneOf(['a', 'b'], { description: 'One of two', default: 'a' }),
    size: count(1, { description: 'May be left out', default: null }),
    time: duration({ description: 'Has to be given' }),
  },
  build(settings) {
    expectTypeOf(settings).branded.toEqualTypeOf<{
      readonly given: string;
      readonly filled: string;
      readonly open: string | null;
      readonly choice: 'a' | 'b';
      readonly size: number | null;
      readonly time: number;
    }>();
    throw new Error('never called');
  },
});
