import type { MaybePromise } from '../../model/maybe-promise.ts';
import type { EmbeddedBroker } from './broker.ts';
import type { Intercept } from './fault-intercept.ts';

/** The way every request of the port takes to the broker. */
export interface Requests {
  send<T>(api: string, run: () => MaybePromise<T>): Promise<T>;
}

export function createRequests(broker: EmbeddedBroker, intercept: Intercept | null): Requests {
  return {
    async send(api, run) {
      await broker.open();
      return intercept === null ? run() : intercept({ api }, async () => run());
    },
  };
}
