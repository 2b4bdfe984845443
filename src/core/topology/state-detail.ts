import { isRecord } from './canonical-json.ts';

/**
 * Details that may change while state exists, under these names or with `Ms` behind them. All
 * others are taken to say what the rows mean, so that one forgotten here refuses too much rather
 * than too little.
 */
const changeable = ['grace', 'retention', 'emit', 'history', 'timeToLive'];

/** The part of a store's detail that its rows depend on. */
export function stateDetail(
  detail: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const kept = Object.entries(detail).filter(([name]) => !isChangeable(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, keptPart(value)]));
}

function keptPart(value: unknown): unknown {
  return isRecord(value) ? stateDetail(value) : value;
}

function isChangeable(name: string): boolean {
  return changeable.includes(name.replace(/Ms$/, ''));
}
