import type { DeadLetterFilter } from '../core/upkeep/dead-letters.ts';
import { UsageError } from './exit-codes.ts';
import type { Values } from './options.ts';
import type { UpkeepSettings } from './upkeep-arguments.ts';
import { oneOf, optional, wholeNumber } from './values.ts';

export type DlqAction = (typeof dlqActions)[number];

export interface DlqSettings extends UpkeepSettings {
  readonly action: DlqAction;
  readonly filter: DeadLetterFilter;
  /** The record to show; null for the other actions. */
  readonly at: DlqPlace | null;
  /** Null: keys and values are not shown, for they may be anybody's secret. */
  readonly payload: 'text' | 'hex' | null;
  readonly isAgain: boolean;
  readonly isDry: boolean;
}

export interface DlqPlace {
  readonly partition: number;
  readonly offset: number;
}

const dlqActions = ['list', 'show', 'replay'] as const;

/** The action, `list` where none is named, and what else was named. */
export function dlqAction([first, ...rest]: readonly string[]): {
  readonly action: DlqAction;
  readonly named: readonly string[];
} {
  const action = dlqActions.find((name) => name === first);
  if (action !== undefined) return { action, named: rest };
  return { action: 'list', named: first === undefined ? [] : [first, ...rest] };
}

/** @throws {UsageError} */
export function dlqSettings(
  settings: UpkeepSettings,
  action: DlqAction,
  values: Values,
): DlqSettings {
  const { code, node, topic, from = [], to = [], again = false } = values;
  const at = optional(values.at, (text) => placeOf('--at', text));
  if ((at !== null) !== (action === 'show')) {
    throw new UsageError(
      "Name the record to show: 'millrace dlq show APP.js --at PARTITION:OFFSET'.",
    );
  }
  if (again && action !== 'replay') throw new UsageError('--again is for a replay.');
  return {
    ...settings,
    action,
    at,
    filter: {
      ...(code === undefined ? {} : { code }),
      ...(node === undefined ? {} : { node }),
      ...(topic === undefined ? {} : { topic }),
      from: placesOf('--from', from),
      to: placesOf('--to', to),
    },
    payload: optional(values.payload, (text) => oneOf('--payload', text, ['text', 'hex'])),
    isAgain: again,
    isDry: values['dry-run'] ?? false,
  };
}

function placesOf(option: string, texts: readonly string[]): ReadonlyMap<number, number> {
  const places = texts.map((text) => placeOf(option, text));
  return new Map(places.map(({ partition, offset }) => [partition, offset]));
}

function placeOf(option: string, text: string): DlqPlace {
  const [partition = '', offset = '', ...rest] = text.split(':');
  if (rest.length > 0 || offset === '') {
    throw new UsageError(`${option} '${text}': write PARTITION:OFFSET.`);
  }
  return { partition: wholeNumber(option, partition, 0), offset: wholeNumber(option, offset, 0) };
}
