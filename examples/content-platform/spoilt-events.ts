export type Fields = Readonly<Record<string, unknown>>;

interface Spoiling {
  /** The rule that it breaks, by its name in the quarantine. */
  readonly rule: string;
  readonly change: (good: Fields) => Fields;
}

/** What goes wrong with events: a release that forgets a field, a clock, a proxy, a robot. */
const spoilings: readonly Spoiling[] = [
  { rule: 'required', change: (good) => without(good, 'event_id') },
  { rule: 'required', change: (good) => without(good, 'event_type') },
  { rule: 'timestamp', change: (good) => ({ ...good, timestamp: 'yesterday' }) },
  { rule: 'type', change: (good) => ({ ...good, context: 'none' }) },
  { rule: 'unknown-type', change: (good) => ({ ...good, event_type: 'page_veiw' }) },
  { rule: 'visitor', change: (good) => without(without(good, 'user_id'), 'anonymous_id') },
  {
    rule: 'schema',
    change: (good) => ({ ...good, event_type: 'like', properties: { stars: 11 } }),
  },
];

/** An event with one thing wrong. */
export function spoil(
  good: Fields,
  share: number,
): { readonly sent: Fields; readonly rule: string } {
  const spoiling = spoilings[Math.floor(share * spoilings.length)] ?? {
    rule: 'required',
    change: () => ({}),
  };
  return { sent: spoiling.change(good), rule: spoiling.rule };
}

function without(fields: Fields, name: string): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([own]) => own !== name));
}
