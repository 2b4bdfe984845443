import { DriverCore } from '../../src/core/testing/driver-core.ts';
import { runSteps } from '../../src/core/testing/steps.ts';
import type { StateBackend } from '../../src/core/task/state-port.ts';
import type { Topology } from '../../src/index.ts';
import type { OperatorDriver } from './operator-driver.ts';

/** The engine of the test driver on any backend. */
export async function coreDriver(
  topology: Topology,
  wallClockTimeMs: number,
  backend: StateBackend,
): Promise<OperatorDriver> {
  const core = new DriverCore(topology, backend, { commit: 'manual', wallClockTimeMs });
  const drops = confirmedDrops(core);
  await runSteps(core.open());
  return {
    async send(records) {
      await runSteps(core.sendTogether(records));
      await runSteps(core.settled());
    },
    async commit() {
      // One commit makes the next internal topic readable.
      for (const _ of [...topology.subTopologies, null]) {
        await runSteps(core.commit());
        await runSteps(core.settled());
      }
      drops.confirm();
    },
    async crash() {
      drops.forget();
      await runSteps(core.crash());
      await runSteps(core.settled());
    },
    read: (topic) => runSteps(core.read(topic)),
    drops: () => drops.all,
    close: () => runSteps(core.tasks.close()),
  };
}

/** Drops as they are told include those of work that a crash undid; here they do not. */
function confirmedDrops(core: DriverCore) {
  const all: string[] = [];
  let seen = 0;
  return {
    all,
    confirm() {
      all.push(...core.dropped.slice(seen).map(({ reason }) => reason));
      seen = core.dropped.length;
    },
    forget() {
      seen = core.dropped.length;
    },
  };
}
