import { it } from 'vitest';
import { SimulatedCluster } from './simulated-cluster.ts';
import { play, someFaults } from './scenario.ts';
let last: any;
const settle = SimulatedCluster.prototype.settle;
SimulatedCluster.prototype.settle = function (n) { last = this; return settle.call(this, n); };
import { GroupCoordinator } from '../../src/core/log/embedded/group-coordinator.ts';
import { decodeUserData } from '../../src/core/worker/user-data.ts';
const P = GroupCoordinator.prototype as any;
const short = (v: any) => JSON.stringify(v, (k, x) => k === 'userData' ? undefined : k === 'owned' || k === 'partitions' ? x.map((p: any) => p.topic.slice(0, 9) + p.partition).join(',') : x instanceof Map ? [...x] : x);
const t = () => (last?.runtime ?? globalThis.rt)?.clock.monotonicTimeMs();
for (const api of ['join', 'sync', 'leave']) {
  const f = P[api];
  P[api] = async function (r: any) {
    const now = () => this.runtime.clock.monotonicTimeMs();
    const t0 = now();
    console.log(t0, api, short(r));
    try { const a = await f.call(this, r); console.log(now(), api, 'of', t0, r.instanceId, '->', short(a)); return a; } catch (e) { console.log(now(), api, r.instanceId, 'X', (e as any).code); throw e; }
  };
}
it('debug', async () => {
  const steps: any[] = [{"kind":"start","place":1},{"kind":"start","place":2},{"kind":"start","place":0},{"kind":"advance","durationMs":45},{"kind":"replace","place":0},{"kind":"advance","durationMs":7},{"kind":"start","place":0},{"kind":"start","place":2},{"kind":"advance","durationMs":120}];
  try { await play({ seed: 8, steps, rates: someFaults }); console.log('OK') } catch (e) {
    console.log(last.trace.join('\n'));
    for (const w of last.living) console.log(w.instanceId, JSON.stringify(w.status()), (w as any).assigned?.length, (w as any).turns, (w as any).hurried, (w as any).membership?.metadata);
    console.log(last.shared.coordinator.describe('cluster'));
  }
});
