import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BoundedNames } from '../../../src/core/metrics/bounded-names.ts';
import { metricList } from '../../../src/core/metrics/metric-list.ts';

const page = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
const alerts = metricList.flatMap(({ name, alerts: own = [] }) =>
  own.map((alert) => ({ metric: name, ...alert })),
);

describe('the list of metrics', () => {
  it('names each once, by the conventions of Prometheus', () => {
    const names = metricList.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, help } of metricList) {
      expect(name).toMatch(/^(millrace|process|nodejs)_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(help, name).toMatch(/^[A-Z1].*[^.]$/);
    }
  });

  it('has a label for nothing that has as many values as there are keys', () => {
    const labels = new Set(metricList.flatMap((own) => own.labels));
    const bounded =
      'code counter kind node partition reason sink state statistic sub_topology task';
    expect([...labels].sort()).toEqual([...bounded.split(' '), 'topic', 'worker']);
  });

  it('is all that docs/METRICS.md has', () => {
    const rows = [...page('METRICS.md').matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(rows).toEqual(metricList.map(({ name }) => name));
  });

  it('is all that alerts ask for', () => {
    const known = metricList.flatMap(({ name, type }) =>
      type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
    );
    for (const { name, when, metric } of alerts) {
      const asked = when.match(/\b(?:millrace|nodejs|process)_\w+/g) ?? [];
      expect(asked.length, name).toBeGreaterThan(0);
      expect(known, name).toEqual(expect.arrayContaining(asked));
      expect(
        asked.some((own) => own.startsWith(metric)),
        name,
      ).toBe(true);
    }
  });
});

describe('the alerts', () => {
  it('are the rules of docs/alerts.yml', () => {
    const rules = [...page('alerts.yml').matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
    expect(rules).toEqual(alerts.map(({ name }) => name));
    expect(new Set(rules).size).toBe(rules.length);
  });

  it('stand in docs/OPERATIONS.md, by what they do to the night', () => {
    const [, section = ''] = page('OPERATIONS.md').split('## What to watch at night');
    const [night = '', morning = ''] = section.split('\n## ')[0]?.split('can wait') ?? [];
    const namesIn = (text: string) => (text.match(/`Millrace\w+`/g) ?? []).sort();
    const namesOf = (severity: string) =>
      alerts.filter((own) => own.severity === severity).map(({ name }) => `\`${name}\``);
    expect(namesIn(night)).toEqual(namesOf('page').sort());
    expect(namesIn(morning)).toEqual(namesOf('ticket').sort());
  });
});

it('names that a program makes up become one label once there are many', () => {
  const names = new BoundedNames(2, 'others');
  expect(['a', 'b', 'c', 'a', 'd', 'b'].map((name) => names.of(name))).toEqual(
    'a b others a others b'.split(' '),
  );
});
