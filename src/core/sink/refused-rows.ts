import type { PartitionBatch } from '../log/port.ts';
import { MillraceError, type SinkError } from '../model/errors.ts';
import { type UnitOrigin, writeDeadLetter } from '../task/dead-letter.ts';
import { ErrorBreaker, errorRate } from '../task/error-breaker.ts';
import { policyFor } from '../task/error-handling.ts';
import { OutputCollector } from '../task/output-collector.ts';
import { count, type TaskCounters } from '../task/task-counters.ts';
import type { TaskHooks } from '../task/task-port.ts';
import { UnitFailure } from '../task/unit-failure.ts';
import type { Topology } from '../topology/plan.ts';
import type { OutboxRow } from './outbox-rows.ts';

export interface RefusedRowsOptions {
  readonly topology: Topology;
  readonly hooks: TaskHooks;
  readonly partitionsOf: (topic: string) => number;
  readonly maxMessageBytesOf: (topic: string) => number;
}

interface RefusedRowsPlace {
  readonly sink: string;
  readonly taskId: string;
  readonly topic: string;
  readonly partition: number;
  readonly counters: TaskCounters;
}

/** What becomes of rows that a sink refuses for their content: dead letters, where one is named. */
export class RefusedRows {
  private readonly collector: OutputCollector;
  private readonly breaker = new ErrorBreaker();

  constructor(
    private readonly options: RefusedRowsOptions,
    private readonly place: RefusedRowsPlace,
  ) {
    this.collector = new OutputCollector(options.maxMessageBytesOf);
  }

  /** Throws where the row must not be passed over. */
  add(row: OutboxRow, { code, message, cause }: SinkError): void {
    const { options, place } = this;
    const { sink: node, taskId, topic, partition, counters } = place;
    const where = { node, task: taskId, topic, partition, offset: row.offset };
    const at = `${message} (row at offset ${row.offset} of '${topic}', partition ${partition})`;
    const error = new MillraceError(code, at, { where, cause });
    const byDefault = options.topology.deadLetterTopic === null ? 'fail' : 'dead-letter';
    const failure = new UnitFailure(error, 'delivery', byDefault, node);
    const policy = policyFor(failure, options);
    if (policy === 'fail') throw error;
    // A table that was changed must not empty its outbox into the dead letters.
    if (options.topology.breaker === 'on' && this.breaker.tripsOn(row.offset)) {
      throw errorRate(error, taskId, node);
    }
    const origin = originOf(row, place);
    count(counters.dropped, node, 'delivery');
    options.hooks.onDropped('delivery', origin, where);
    if (policy === 'dead-letter') this.write(origin, error);
  }

  /** For the commit that passes over the rows. */
  take(): PartitionBatch[] {
    return this.collector.drain();
  }

  private write(origin: UnitOrigin, error: MillraceError): void {
    const { topology, partitionsOf } = this.options;
    const { application, deadLetterTopic: topic, stack } = topology;
    if (topic === null) return;
    const { code, message } = error;
    const { taskId, sink: node, counters } = this.place;
    count(counters.deadLetters, node, code);
    const includesStack = stack === 'include';
    const { collector } = this;
    writeDeadLetter(
      { topic, application, taskId, includesStack, collector, partitionsOf },
      origin,
      { stage: 'delivery', code, message, node, error },
    );
  }
}

function originOf(
  { batch, index, offset, value }: OutboxRow,
  { topic, partition }: RefusedRowsPlace,
): UnitOrigin {
  const timestamp = batch.timestamp(index);
  return { key: null, value, timestamp, headers: batch.headers(index), topic, partition, offset };
}
