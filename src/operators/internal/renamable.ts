/** What owns state or an internal topic may be called otherwise than in the version before. */
export interface Renamable {
  /** Its name of before, under which state and records on the way are taken over, once. */
  readonly renamedFrom?: string;
}
