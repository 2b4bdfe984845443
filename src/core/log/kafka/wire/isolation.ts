import type { ReaderOptions } from '../../port.ts';

/** As requests name what a reader may see. */
export const isolationLevels: Readonly<Record<ReaderOptions['isolation'], number>> = {
  'read-uncommitted': 0,
  'read-committed': 1,
};
