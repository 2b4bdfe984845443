import type { Log } from '../../core/log/port.ts';
import { emptyStores, storesToEmpty } from '../../core/upkeep/empty-store.ts';
import { type KnownApplication, knownApplication } from '../../core/upkeep/known-application.ts';
import { requireNoMembers } from '../../core/upkeep/require-no-members.ts';
import { resetApplication, topicsToReset } from '../../core/upkeep/reset-application.ts';
import { loadApplication } from '../application.ts';
import type { ResetSettings } from '../upkeep-arguments.ts';
import { decide } from './decide.ts';
import { deleteLocalState, localStateOf } from './local-state.ts';
import type { UpkeepHost } from './run-upkeep.ts';
import { withLog } from './with-log.ts';

const defaultStateDir = './.millrace';

/** `millrace reset`: says what it will do, and does it where that was confirmed. */
export async function runReset(settings: ResetSettings, host: UpkeepHost): Promise<number> {
  const { topology, options } = await loadApplication(settings.file, settings.applicationSettings);
  return withLog(settings.log, async (log) => {
    const known = await knownApplication(topology, log);
    await requireNoMembers(log, topology.application);
    if (settings.store !== null) return resetStore(settings.store, known, { settings, host, log });
    const stateDir = settings.stateDir ?? options.stateDir ?? defaultStateDir;
    return resetAll(stateDir, known, { settings, host, log });
  });
}

interface ResetParts {
  readonly settings: ResetSettings;
  readonly host: UpkeepHost;
  readonly log: Log;
}

function resetAll(
  stateDir: string,
  known: KnownApplication,
  { settings, host: { output }, log }: ResetParts,
): Promise<number> {
  const { application } = known.topology;
  const local = localStateOf(stateDir, application);
  const topics = topicsToReset(known);
  output.announce(`The application '${application}' will begin anew, as if it had never run:`);
  output.announce(`  forget the committed offsets of the group '${application}'`);
  for (const topic of topics) output.announce(`  delete the topic ${topic}`);
  for (const task of local.tasks) output.announce(`  delete the state ${local.directory}/${task}`);
  for (const { topic, application: other } of known.orphans.doubtful) {
    output.announce(`  leave the topic ${topic}, which may be of the application '${other}'`);
  }
  output.announce('Its output topics keep what they hold, and its input is read from the start.');
  output.announce(`On other machines, delete '${local.directory}' by hand before it starts there.`);
  return decide(settings.decision, output, async () => {
    await resetApplication(known, log);
    deleteLocalState(local);
  });
}

async function resetStore(
  name: string,
  known: KnownApplication,
  { settings, host: { output, runtime }, log }: ResetParts,
): Promise<number> {
  const stores = storesToEmpty(known, name);
  output.announce(`In the application '${known.topology.application}':`);
  for (const { store, topic, partitions } of stores) {
    output.announce(
      `  empty the store '${store.name}': each row of ${topic} (${partitions} partitions)`,
    );
  }
  output.announce(
    'Its input goes on where it is; copies of the state follow when they are opened.',
  );
  return decide(settings.decision, output, () =>
    emptyStores(known, stores, { log, clock: runtime.clock }),
  );
}
