import { ConfigError } from '../core/model/errors.ts';
import { typedDurationMs } from '../core/model/duration.ts';
import { messageOf } from '../core/model/message-of.ts';

/** One setting of a ready-made topology, as text from the command line: `--set key=value`. */
export interface Setting<T> {
  readonly description: string;
  /** How a value is written: 'topic', 'duration', ... */
  readonly type: string;
  /** As it would be written; undefined: has to be given; null: may be left out. */
  readonly default: string | null | undefined;
  /** Throws with a message that says what is wrong. */
  parse(text: string): T;
}

/** All settings of a ready-made topology by their names. */
export type SettingsSpec = Readonly<Record<string, Setting<unknown>>>;

/** What the settings come to: null where one may be left out and is. */
export type SettingsOf<Spec extends SettingsSpec> = {
  readonly [Name in keyof Spec]: Spec[Name] extends Setting<infer T> ? T : never;
};

const topicType = 'topic';

type Given = Readonly<Record<string, string>>;

/** @throws {ConfigError} `BAD_OPTION` for one that is unknown, missing or cannot be read. */
export function parseSettings<Spec extends SettingsSpec>(
  topology: string,
  spec: Spec,
  given: Given,
): SettingsOf<Spec> {
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(spec, name)) continue;
    throw bad(topology, `has no setting '${name}'. It has: ${Object.keys(spec).join(', ')}`);
  }
  const entries = Object.entries(spec).map(([name, setting]) => {
    const text = Object.hasOwn(given, name) ? given[name] : setting.default;
    if (text === undefined) {
      throw bad(topology, `needs --set ${name}=<${setting.type}>: ${setting.description}`);
    }
    if (text === null) return [name, null] as const;
    try {
      return [name, setting.parse(text)] as const;
    } catch (cause) {
      const reason = messageOf(cause).replace(/\.$/, '');
      throw bad(topology, `cannot read ${name}=${text}: ${reason}`, cause);
    }
  });
  checkTopics(topology, spec, entries);
  return Object.fromEntries(entries) as SettingsOf<Spec>; // one for each name of the spec
}

/** Each topic of a topology has values of a kind of its own. */
function checkTopics(
  topology: string,
  spec: SettingsSpec,
  entries: readonly (readonly [name: string, value: unknown])[],
): void {
  const names = new Map<unknown, string>();
  for (const [name, value] of entries) {
    if (value === null || spec[name]?.type !== topicType) continue;
    const other = names.get(value);
    if (other !== undefined) throw bad(topology, `needs two topics for ${other} and ${name}`);
    names.set(value, name);
  }
}

interface Described<Default> {
  readonly description: string;
  /** Left out: the setting has to be given. */
  readonly default?: Default;
}

type ParsedAs<T, Default> = Setting<null extends Default ? T | null : T>;

/** A setting that is read by a function. */
export function setting<T, Default extends string | null | undefined = undefined>(
  type: string,
  parse: (text: string) => T,
  described: Described<Default>,
): ParsedAs<T, NoInfer<Default>> {
  const { description } = described;
  return { type, description, default: described.default, parse };
}

/** Any text that is not empty. */
export function text<Default extends string | null | undefined = undefined>(
  described: Described<Default>,
  type = 'text',
): ParsedAs<string, NoInfer<Default>> {
  return setting(type, notEmpty, described);
}

/** The name of a topic. */
export function topic<Default extends string | null | undefined = undefined>(
  described: Described<Default>,
): ParsedAs<string, NoInfer<Default>> {
  return text(described, topicType);
}

/** In milliseconds, or as text: `30s`, `5 minutes`. */
export function duration<Default extends string | null | undefined = undefined>(
  described: Described<Default>,
): ParsedAs<number, NoInfer<Default>> {
  return setting('duration', typedDurationMs, described);
}

/** As `duration`, and more than nothing. */
export function positiveDuration<Default extends string | null | undefined = undefined>(
  described: Described<Default>,
): ParsedAs<number, NoInfer<Default>> {
  const parse = (given: string) => {
    const ms = typedDurationMs(given);
    if (ms > 0) return ms;
    throw new Error('it is to be above 0');
  };
  return setting('duration', parse, described);
}

/** A whole number from `min`. */
export function count<Default extends string | null | undefined = undefined>(
  min: number,
  described: Described<Default>,
): ParsedAs<number, NoInfer<Default>> {
  const parse = (given: string) => {
    const value = Number(given);
    if (Number.isSafeInteger(value) && value >= min) return value;
    throw new Error(`it is to be a whole number from ${min}`);
  };
  return setting('number', parse, described);
}

export function oneOf<
  const Choice extends string,
  Default extends Choice | null | undefined = undefined,
>(choices: readonly Choice[], described: Described<Default>): ParsedAs<Choice, NoInfer<Default>> {
  const parse = (given: string) => {
    const choice = choices.find((own) => own === given);
    if (choice !== undefined) return choice;
    throw new Error(`it is to be one of ${choices.join(', ')}`);
  };
  return setting(choices.join('|'), parse, described);
}

function notEmpty(given: string): string {
  if (given !== '') return given;
  throw new Error('it is empty');
}

function bad(topology: string, problem: string, cause?: unknown): ConfigError {
  return new ConfigError('BAD_OPTION', `The topology '${topology}' ${problem}.`, { cause });
}
