import { describe, expect, it } from 'vitest';
import {
  every,
  type ErrorCode,
  json,
  onClose,
  string,
  TopologyBuilder,
  TopologyError,
  tumbling,
} from '../../src/index.ts';
import { thrownBy } from '../support/thrown.ts';

const source = { key: string(), value: string() };

function codesOf(build: (builder: TopologyBuilder) => void): readonly [ErrorCode, unknown][] {
  const builder = new TopologyBuilder('test');
  build(builder);
  const error = thrownBy(() => builder.build());
  if (!(error instanceof TopologyError)) throw error;
  return error.problems.map(({ code, node }) => [code, node]);
}

describe('names', () => {
  it('of nodes without state or topic are counted by kind', () => {
    const builder = new TopologyBuilder('test');
    const words = builder.stream('in', source);
    words.filter(() => true).to('a');
    words
      .filter(() => true)
      .filterNot(() => true)
      .to('b');
    const names = builder.build().nodes.map(({ name }) => name);
    expect(names).toEqual(['stream-1', 'filter-1', 'to-1', 'filter-2', 'filter-not-1', 'to-2']);
  });

  it('of automatic repartition points follow the node that needs them', () => {
    const builder = new TopologyBuilder('test');
    const words = builder.stream('in', { ...source, name: 'words' });
    const users = builder.table('users', { ...source, name: 'users' });
    const rekeyed = words.selectKey((word) => word, { key: string() });
    rekeyed.groupByKey().count({ name: 'counts' });
    rekeyed.toTable({ name: 'table' });
    rekeyed.join(users, (a, b) => a + b, { name: 'joined' });
    rekeyed.groupByKey({ name: 'grouped' }).count({ name: 'more' });
    const points = builder.build().nodes.filter(({ type }) => type === 'repartition');
    expect(points.map(({ name }) => name)).toEqual([
      'counts-input',
      'table-input',
      'joined-input',
      'grouped',
    ]);
  });

  it('are not needed for a topic where the key was not changed', () => {
    const builder = new TopologyBuilder('test');
    const words = builder.stream('in', source);
    const users = builder.table('users', { ...source, name: 'users' });
    words
      .mapValues((word) => word, { value: string() })
      .groupByKey()
      .count({ name: 'counts' });
    words.join(users, (a, b) => a + b);
    words.toTable({ name: 'table' });
    expect(builder.build().nodes.some(({ type }) => type === 'repartition')).toBe(false);
  });
});

describe('build() refuses', () => {
  it('a join that writes a topic without a name', () => {
    const codes = codesOf((builder) => {
      const users = builder.table('users', { ...source, name: 'users' });
      const words = builder.stream('in', source).selectKey((word) => word, { key: string() });
      words.join(users, (a, b) => a + b);
    });
    expect(codes).toContainEqual(['NAME_MISSING', 'join-1']);
  });

  it('what types could not see: a join that repartitions a value without a serde', () => {
    const codes = codesOf((builder) => {
      const users = builder.table('users', { ...source, name: 'users' });
      const words = builder.stream('in', source).map((word) => ({ key: word, value: 1 }));
      words.join(users, (a, b) => a + b.length, { name: 'joined' });
    });
    expect(codes).toEqual([
      ['SERDE_MISSING', 'joined-input'],
      ['SERDE_MISSING', 'joined-input'],
    ]);
  });

  it('writing a merge of two formats', () => {
    const codes = codesOf((builder) => {
      const words = builder.stream('in', source);
      words.merge(builder.stream('other', { key: string(), value: json<string>() })).to('out');
    });
    expect(codes).toEqual([['SERDE_MISSING', 'to-1']]);
  });

  it('a lookup in a table whose rows go as they come', () => {
    const build = (retention: number) => (builder: TopologyBuilder) => {
      const counts = builder
        .stream('in', source)
        .groupByKey()
        .windowedBy(tumbling(10, { grace: 0 }))
        .count({ name: 'counts', emit: onClose(), retention });
      const table = counts.filter((count) => count > 1).mapValues((count) => count * 2);
      counts.toStream().join(table, (count) => count);
    };
    expect(codesOf(build(0))).toEqual([['TABLE_NOT_VISIBLE', 'join-1']]);
    const builder = new TopologyBuilder('test');
    build(1)(builder);
    expect(builder.build().nodes.length).toBeGreaterThan(0);
  });

  it('two stores of one name', () => {
    const codes = codesOf((builder) => {
      const grouped = builder.stream('in', source).groupByKey();
      grouped.count({ name: 'counts' });
      grouped.windowedBy(tumbling(10, { grace: 0 })).count({ name: 'counts' });
    });
    expect(codes).toContainEqual(['DUPLICATE_NAME', 'counts']);
  });
});

it('a period of 0 is refused where it is written', () => {
  expect(thrownBy(() => every(0))).toMatchObject({ code: 'BAD_EMIT' });
});

it('nodes of the plan are frozen', () => {
  const builder = new TopologyBuilder('test');
  builder.stream('in', source).groupByKey().count({ name: 'counts' }).toStream().to('out');
  for (const node of builder.build().nodes) {
    expect(Object.isFrozen(node) && Object.isFrozen(node.parents)).toBe(true);
    expect(Object.isFrozen(node.detail)).toBe(true);
  }
});
