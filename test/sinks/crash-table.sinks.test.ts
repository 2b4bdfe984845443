import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/runtime/seeded-random.ts';
import type { RandomSource } from '../../src/core/runtime/runtime.ts';
import { CrashScene } from './crash/crash-scene.ts';
import type { Point } from './crash/life.ts';
import { multisetDifferences } from './support/multisets.ts';
import { sinkName } from './support/numbered-rows.ts';
import { postgresBinaries } from './support/postgres-server.ts';
import { startDatabase, type TestedDatabase } from './support/tested-database.ts';

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const faults = Number(process.env.CRASH_FAULTS ?? 50);
/** Where two tests are of one line of the table, or nothing is left to chance. */
const halfOfFaults = Math.ceil(faults / 2);
const rareFaults = Math.ceil(faults / 10);

const kinds = ['clickhouse', 'postgres'] as const;

describe.each(kinds)('rows in %s equal the outbox', { timeout: 300_000 }, (kind) => {
  describe.skipIf(kind === 'postgres' && postgresBinaries === null)(`seed ${seed}`, () => {
    let database: TestedDatabase;
    let random: RandomSource;
    let scene: CrashScene;
    beforeAll(async () => {
      console.log(`CRASH_SEED=${seed} CRASH_FAULTS=${faults} npm run test:sinks -- crash-table`);
      database = await startDatabase(kind);
    });
    afterAll(() => database.stop(), 300_000);
    beforeEach(async () => {
      random = seededRandom(seed);
      await database.clear();
      scene = new CrashScene(database, random);
      await scene.begin();
    });
    afterEach(() => scene.close());

    const below = (end: number) => Math.floor(random.next() * end);
    const at = (...points: readonly Point['at'][]): Point => {
      const chosen = points[below(points.length)] ?? 'apply';
      if (chosen !== 'request' && chosen !== 'answer') return { at: chosen };
      return { at: chosen, text: database.steps[below(database.steps.length)] ?? '' };
    };
    const times = async (count: number, blow: () => Promise<void>) => {
      for (let index = 0; index < count; index++) {
        await blow();
        expect(await scene.differences(), `after fault ${index}`).toEqual([]);
      }
    };

    it('killed before the plan is committed', () =>
      times(faults, () => scene.kill({ point: at('progress'), skip: below(3) })));

    it('killed while the plan is committed', () =>
      times(faults, () => {
        return scene.kill({ point: at('before-commit', 'after-commit'), skip: below(3) });
      }));

    it('killed after the commit of the plan, before it is sent', () =>
      times(faults, () => scene.kill({ point: at('apply'), skip: below(4) })));

    it('killed while the batch is sent', () =>
      times(halfOfFaults, () => scene.kill({ point: at('request', 'answer'), skip: below(4) })));

    it('the answer is lost', () =>
      times(halfOfFaults, () => scene.cut({ point: at('request', 'answer'), skip: below(4) })));

    it('the database is killed while the batch is sent', () =>
      times(rareFaults, () => {
        return scene.killDatabase({ point: at('request', 'answer'), skip: below(4) });
      }));

    it('killed after the batch was applied, before the next plan', () =>
      times(faults, () => scene.kill({ point: at('applied'), skip: below(4) })));

    it('the owner stands still before its commit', () =>
      times(faults, () => {
        return scene.freeze({ point: at('progress', 'before-commit'), skip: below(3) });
      }));

    it('the owner stands still before it sends', () =>
      times(halfOfFaults, () => scene.freeze({ point: at('apply'), skip: below(4) })));

    it('the owner stands still while it sends', () =>
      times(halfOfFaults, () => scene.freeze({ point: at('request', 'answer'), skip: below(4) })));

    it.skipIf(kind === 'clickhouse')('the database goes back to a backup', () =>
      times(rareFaults, async () => {
        expect(await scene.goBack()).toMatchObject({ code: 'SINK_ROLLED_BACK' });
      }),
    );

    it.skipIf(kind === 'postgres')(
      'what keeps no position misses what its backup lacks',
      async () => {
        const lost = new Array<string>();
        for (let index = 0; index < rareFaults; index++) {
          lost.push(...(await scene.loseRows()));
          expect((await scene.differences()).toSorted()).toEqual(lost.toSorted());
        }
      },
    );

    it.each([
      ['outbox', (application: string) => `${application}-${sinkName}-outbox`],
      ['progress', (application: string) => `${application}-${sinkName}-outbox-progress`],
    ])('the %s is deleted', async (_what, topic) => {
      for (let index = 0; index < rareFaults; index++) {
        const before = await database.lines();
        expect(await scene.startWithout(topic)).toMatchObject({ code: 'SINK_OUTBOX_LOST' });
        expect(multisetDifferences(before, await database.lines())).toEqual([]);
        await scene.close();
        await database.clear();
        scene = new CrashScene(database, random);
        await scene.begin();
      }
    });
  });
});
