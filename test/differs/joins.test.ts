import { expect, it } from 'vitest';
import { headersOf, onClose, string, TopologyBuilder, tumbling } from '../../src/index.ts';
import { TopologyTestDriver } from '../../src/testing.ts';
import { play, recordOf } from './play.ts';

const source = { key: string(), value: string(), tombstones: 'keep' } as const;
const pair = (left: string | null, right: string | null) => `${left}+${right}`;

function joining(kind: 'leftJoin' | 'outerJoin', before = 10, after = 10, grace = 0) {
  const builder = new TopologyBuilder('differs');
  const left = builder.stream('L', source);
  const right = builder.stream('R', source);
  const options = { name: 'pairs', before, after, grace, value: string() };
  const joined =
    kind === 'leftJoin'
      ? left.leftJoin(right, pair, options)
      : left.outerJoin(right, pair, options);
  joined.to('out');
  return builder.build();
}

it('differs/D2 an out-of-order row waits: in a pair or unmatched, never both', () => {
  const { turns } = play(joining('leftJoin', 10, 10, 5), 'L/x:y@16 L/k:L2@3 R/k:R1@8 L/x:w@60');
  // Kafka Streams passes L2 on at once, unmatched, and later in a pair.
  expect(turns).toEqual(['', '', 'k=L2+R1@8', 'x=y+null@16']);
});

it('differs/D3 a late row is dropped, and meets none that has left unmatched', () => {
  const { turns, drops } = play(
    joining('leftJoin', 10, 10, 5),
    'L/k:L1@0 L/x:y@16 R/k:R1@8 L/k:L3@0',
  );
  expect(turns).toEqual(['', 'k=L1+null@0', '', '']);
  expect(drops()).toEqual(['late']);
});

it('differs/D4 unmatched and final rows leave while the clock stands still', () => {
  const { turns } = play(joining('leftJoin'), 'L/a:1@0 L/b:2@11 L/c:3@22');
  expect(turns).toEqual(['', 'a=1+null@0', 'b=2+null@11']);
  const builder = new TopologyBuilder('differs');
  const windows = builder
    .stream('in', source)
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }));
  windows.count({ name: 'counts', emit: onClose() }).toStream().to('out');
  const finals = play(builder.build(), 'a@1 a@10 a@20').turns;
  expect(finals).toEqual(['', 'a[0,10)=1@1', 'a[10,20)=1@10']);
});

it('differs/D11 an unmatched row has its own headers, a final row none', () => {
  const from = (name: string) => headersOf([['from', Buffer.from(name)]]);
  const left = new TopologyTestDriver(joining('leftJoin'));
  left.send('L', { ...recordOf('a:1@0'), headers: from('a') });
  left.send('L', { ...recordOf('b:2@11'), headers: from('b') });
  expect(left.read('out').map(({ headers }) => headers)).toEqual([from('a')]);

  const builder = new TopologyBuilder('differs');
  const windows = builder
    .stream('in', source)
    .groupByKey()
    .windowedBy(tumbling(10, { grace: 0 }));
  windows.count({ name: 'counts', emit: onClose() }).toStream().to('out');
  const closing = new TopologyTestDriver(builder.build());
  for (const text of ['a@1', 'b@10']) {
    closing.send('in', { ...recordOf(text), headers: from(text) });
  }
  expect(closing.read('out').map(({ headers }) => headers)).toEqual([headersOf([])]);
});

it('differs/X4 an unmatched row leaves when it closes, also with unequal bounds', () => {
  const { turns } = play(joining('outerJoin', 0, 100), 'R/a:R1@10 L/b:L1@50 R/c:R2@60 L/d:L2@200');
  expect(turns).toEqual(['', 'a=null+R1@10', '', 'c=null+R2@60 b=L1+null@50']);
});
