import { compactArray, compactString, flexible, int16, int32 } from './codec.ts';

/** An answer that says of each partition asked about whether it went well, and no more. */
export const partitionErrors = flexible({
  throttleMs: int32,
  topics: compactArray(
    flexible({
      topic: compactString,
      partitions: compactArray(flexible({ partition: int32, errorCode: int16 })),
    }),
  ),
});
