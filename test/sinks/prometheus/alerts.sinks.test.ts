import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../support/log-fixture.ts';
import { prometheusMissing, promtool } from '../support/prometheus-server.ts';

const rules = new URL('../../../docs/alerts.yml', import.meta.url).pathname;

const missing = prometheusMissing();
if (missing !== null) console.error(`NOT TESTED with promtool: ${missing}`);

/**
 * Values at each scrape, 15 seconds apart, by series, as promtool writes them: `1x3` stays, `0+5x3`
 * grows, `_x3` is not there, and `stale` is what Prometheus notes where a series ends.
 */
type Scrapes = Readonly<Record<string, string>>;

/** The alerts that fire at times such as `6m`, after these scrapes. */
function expectFiring(scrapes: Scrapes, firing: Readonly<Record<string, readonly string[]>>) {
  const file = join(temporaryDirectory(), 'rules-test.yml');
  const test = {
    interval: '15s',
    input_series: Object.entries(scrapes).map(([series, values]) => ({ series, values })),
    promql_expr_test: Object.entries(firing).map(([time, names]) => ({
      eval_time: time,
      expr: 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0',
      exp_samples: names.map((name) => ({ labels: `{alertname="Millrace${name}"}`, value: 1 })),
    })),
  };
  // JSON is YAML too.
  writeFileSync(
    file,
    JSON.stringify({ rule_files: [rules], evaluation_interval: '15s', tests: [test] }),
  );
  const { code, output } = promtool(['test', 'rules', file], '');
  expect(output).toContain('SUCCESS');
  expect(code).toBe(0);
}

const on = (instance: string) => `application="app", job="workers", instance="${instance}"`;
const one = on('one');
const two = on('two');

describe.skipIf(missing !== null)('in the rules of Prometheus', () => {
  it('nothing fires of a worker that works, or has nothing to do', () => {
    expectFiring(
      {
        [`up{job="workers", instance="one"}`]: '1x400',
        [`process_start_time_seconds{${one}}`]: '7x400',
        [`millrace_worker_info{${one}, worker="w"}`]: '1x400',
        [`millrace_tasks{${one}, state="running"}`]: '2x400',
        [`millrace_application_tasks{${one}}`]: '2x400',
        [`millrace_rebalances_total{${one}}`]: '1x400',
        [`millrace_recoveries_total{${one}}`]: '0x400',
        [`millrace_records_in_total{${one}, task="in-0"}`]: '0+100x400',
        [`millrace_records_in_total{${one}, task="in-1"}`]: '70x400',
        [`millrace_input_lag_records{${one}, task="in-0", topic="in", partition="0"}`]: '50x400',
        [`millrace_input_lag_records{${one}, task="in-1", topic="in", partition="1"}`]: '0x400',
        [`millrace_dead_letters_total{${one}, node="n", code="C"}`]: '3x400',
        [`millrace_sink_rows_refused_total{${one}, sink="s"}`]: '0x400',
        [`millrace_sink_oldest_waiting_seconds{${one}, sink="s"}`]: '2x400',
        [`millrace_event_loop_delay_seconds{${one}, statistic="max"}`]: '0.2x400',
      },
      { '14m': [], '60m': [] },
    );
  });

  it('the first dead letter of a kind is noticed, and so is the first after a restart', () => {
    const letters = `millrace_dead_letters_total{${one}, node="n", code="C"}`;
    // At 5m the first, at 30m a restart, and one more at 31m.
    const values = '_x20 2x99 stale _x3 1x100';
    expectFiring({ [letters]: values }, { '4m': [], '5m15s': ['DeadLetters'] });
    expectFiring({ [letters]: values }, { '20m': [], '32m': ['DeadLetters'], '45m': [] });
  });

  it('a row that was refused before the first scrape is noticed', () => {
    const refused = `millrace_sink_rows_refused_total{${one}, sink="s"}`;
    expectFiring({ [refused]: '_ 1x100' }, { '1m': ['SinkRefusesRows'], '15m': [] });
  });

  it('one task that stands still is noticed, however much the others do', () => {
    expectFiring(
      {
        [`millrace_records_in_total{${one}, task="in-0"}`]: '0+100x100',
        [`millrace_records_in_total{${one}, task="in-1"}`]: '70x100',
        [`millrace_input_lag_records{${one}, task="in-0", topic="in", partition="0"}`]: '0x100',
        [`millrace_input_lag_records{${one}, task="in-1", topic="in", partition="1"}`]: '9x100',
      },
      { '9m': [], '25m': ['NoProgress'] },
    );
  });

  it('a task that has moved goes on elsewhere, and nobody is woken', () => {
    const lag = (own: string) =>
      `millrace_input_lag_records{${own}, task="in-0", topic="in", partition="0"}`;
    const taken = (own: string) => `millrace_records_in_total{${own}, task="in-0"}`;
    expectFiring(
      {
        [lag(one)]: '9x40 stale',
        [taken(one)]: '0+10x40 400x200',
        [lag(two)]: '_x40 9x200',
        [taken(two)]: '_x40 0+10x200',
        [`millrace_tasks{${one}, state="running"}`]: '1x40 0x200',
        [`millrace_tasks{${two}, state="running"}`]: '0x40 0x8 1x200',
        [`millrace_application_tasks{${one}}`]: '1x240',
        [`millrace_application_tasks{${two}}`]: '1x240',
      },
      { '12m': [], '20m': [], '40m': [] },
    );
  });

  it('a worker that went away is missed, and so are its tasks where nobody takes them', () => {
    expectFiring(
      {
        [`up{job="workers", instance="one"}`]: '1x40 0x100',
        [`up{job="workers", instance="two"}`]: '1x140',
        [`millrace_worker_info{${one}, worker="w"}`]: '1x40 stale',
        [`millrace_tasks{${one}, state="running"}`]: '1x40 stale',
        [`millrace_tasks{${two}, state="running"}`]: '1x140',
        [`millrace_application_tasks{${two}}`]: '2x140',
      },
      { '10m': [], '12m': ['WorkerDown'], '16m': ['WorkerDown', 'TasksNotRunning'] },
    );
  });

  it('tasks whose group is silent count as not running', () => {
    expectFiring(
      {
        [`millrace_tasks{${one}, state="running"}`]: '2x40 0x100',
        [`millrace_tasks{${one}, state="cut-off"}`]: '0x40 2x100',
        [`millrace_application_tasks{${one}}`]: '2x140',
      },
      { '12m': [], '16m': ['TasksNotRunning'] },
    );
  });

  it('a worker that starts again and again is noticed, and one restart is not', () => {
    const scrapes = (starts: string) => ({
      [`up{job="workers", instance="one"}`]: '1x100',
      [`millrace_worker_info{${one}, worker="w"}`]: '1x100',
      [`process_start_time_seconds{${one}}`]: starts,
      // Another program, which has nothing to do with it.
      [`process_start_time_seconds{job="other", instance="three"}`]: '0+9x100',
    });
    expectFiring(scrapes('100+30x100'), { '10m': ['WorkerRestarts'] });
    expectFiring(scrapes('100x20 400x80'), { '10m': [] });
  });

  it('an event loop that stands still for seconds now and then is noticed', () => {
    const delay = (statistic: string) =>
      `millrace_event_loop_delay_seconds{${one}, statistic="${statistic}"}`;
    // Ten of the 15 seconds: of its 250 turns one was late.
    const scrapes = { [delay('p99')]: '0.03x100', [delay('max')]: '10x100' };
    expectFiring(scrapes, { '4m': [], '6m': ['EventLoopBlocked'] });
  });

  it('late records are told by their share of all, and a database that is down by its rows', () => {
    const taken = `millrace_records_in_total{${one}, task="in-0"}`;
    const late = `millrace_records_dropped_total{${one}, node="n", reason="late"}`;
    const waits = `millrace_sink_oldest_waiting_seconds{${one}, sink="s"}`;
    expectFiring({ [taken]: '0+1000x200', [late]: '0+5x200' }, { '45m': [] });
    expectFiring({ [taken]: '0+1000x200', [late]: '0+20x200' }, { '45m': ['RecordsLate'] });
    expectFiring({ [waits]: '0x40 0+15x100' }, { '15m': [], '22m': ['SinkBlocked'] });
  });

  it('an application that falls behind is noticed, and one that catches up is not', () => {
    const lag = `millrace_input_lag_records{${one}, task="in-0", topic="in", partition="0"}`;
    const taken = `millrace_records_in_total{${one}, task="in-0"}`;
    expectFiring({ [lag]: '20000+50x300', [taken]: '0+9x300' }, { '50m': ['LagGrows'] });
    expectFiring({ [lag]: '90000-50x300', [taken]: '0+9x300' }, { '50m': [] });
  });
});
