/** Something that a user of a product did: what every ready-made topology takes. */
export interface ProductEvent {
  /** Given by who sent it, and the same when it is sent again: duplicates are known by it. */
  readonly id: string;
  /** `page_view`, `search`, `purchase`, ...: which rules it has to obey. */
  readonly type: string;
  /** Null: not signed in. */
  readonly userId: string | null;
  /** Of a device or a browser, before and after signing in; null: not known. */
  readonly anonymousId: string | null;
  /** As the sender counts sessions; null: it does not. */
  readonly sessionId: string | null;
  /** When it happened, epoch milliseconds. */
  readonly timestampMs: number;
  readonly context: EventContext;
  /** What is particular to the type. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** Around the event, the same for all types. What is not known is null. */
export interface EventContext {
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** BCP 47, as `en-GB`. */
  readonly locale: string | null;
  /** The page it happened on: a path, or a whole address. */
  readonly page: string | null;
  readonly referrer: string | null;
}

/** Who did it: the user if known, else the device; null: nobody can tell. */
export function visitorOf({ userId, anonymousId }: ProductEvent): string | null {
  return userId ?? anonymousId;
}
