/** A request to the embedded log, as those see it who may disturb it. */
export interface InterceptedRequest {
  /** Its kind in kebab-case: `produce`, `join-group`, ... */
  readonly api: string;
}

/** Stands around every request: may delay it, refuse it, or keep its answer back. */
export type Intercept = <T>(request: InterceptedRequest, run: () => Promise<T>) => Promise<T>;
