import type { EmbeddedBroker } from '../../src/core/log/embedded/broker.ts';
import { embeddedAdmin } from '../../src/core/log/embedded/embedded-admin.ts';
import { embeddedReader } from '../../src/core/log/embedded/embedded-reader.ts';
import { openEmbeddedWriter } from '../../src/core/log/embedded/embedded-writer.ts';
import type { Intercept } from '../../src/core/log/embedded/fault-intercept.ts';
import type { GroupCoordinator } from '../../src/core/log/embedded/group-coordinator.ts';
import { interceptGroup } from '../../src/core/log/embedded/group-intercept.ts';
import { joinGroup } from '../../src/core/log/group/membership.ts';
import { createRequests } from '../../src/core/log/embedded/requests.ts';
import type { Log } from '../../src/core/log/port.ts';
import type { Runtime } from '../../src/core/runtime/runtime.ts';

/** What all processes of a simulation share: it lives on whoever dies. */
export interface SharedBroker {
  readonly broker: EmbeddedBroker;
  readonly coordinator: GroupCoordinator;
}

/** The shared log as one process reaches it: its own time, its own network. */
export function processLog(
  { broker, coordinator }: SharedBroker,
  runtime: Runtime,
  intercept: Intercept,
): Log {
  const requests = createRequests(broker, intercept);
  const groups = interceptGroup(coordinator, intercept);
  return {
    admin: embeddedAdmin(broker, requests, runtime),
    openReader: ({ isolation }) => embeddedReader(broker, requests, { isolation, runtime }),
    openWriter: (options) => openEmbeddedWriter(broker, requests, options),
    joinGroup: (options) => joinGroup(groups, runtime, options),
    close: () => Promise.resolve(),
  };
}
