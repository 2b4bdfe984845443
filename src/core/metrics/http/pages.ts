import type { MetricsText } from '../registry.ts';
import type { WorkerReading } from '../worker-reading.ts';
import { type Answer, plain } from './answer.ts';

/** A worker as its pages see it. */
export interface Monitored {
  /** Whether it goes on: not failed, not closed. */
  readonly isAlive: boolean;
  /** Whether it was assigned its tasks, and all of them run. */
  readonly isReady: boolean;
  reading(): WorkerReading;
  /** Plain data, without keys and values of records. */
  status(): unknown;
}

export interface Page {
  /** Whether it says more than yes or no. */
  readonly hasData: boolean;
  readonly answer: (monitored: Monitored) => Answer | Promise<Answer>;
}

/** By path. All of them only read. */
export function pagesOf(metrics: MetricsText): ReadonlyMap<string, Page> {
  return new Map<string, Page>([
    ['/metrics', { hasData: true, answer: (monitored) => metricsPage(metrics, monitored) }],
    ['/status', { hasData: true, answer: statusPage }],
    ['/healthz', { hasData: false, answer: ({ isAlive }) => yesOrNo(isAlive) }],
    ['/readyz', { hasData: false, answer: ({ isReady }) => yesOrNo(isReady) }],
  ]);
}

async function metricsPage(metrics: MetricsText, monitored: Monitored): Promise<Answer> {
  const body = await metrics.of(monitored.reading());
  return { status: 200, contentType: metrics.contentType, body };
}

function statusPage(monitored: Monitored): Answer {
  const body = `${JSON.stringify(monitored.status(), null, 2)}\n`;
  return { status: 200, contentType: 'application/json; charset=utf-8', body };
}

function yesOrNo(isSo: boolean): Answer {
  return isSo ? plain(200, 'yes') : plain(503, 'no');
}
