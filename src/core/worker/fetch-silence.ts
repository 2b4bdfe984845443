import { partitionName } from '../log/partition-name.ts';
import type { FetchedPartition, FetchRequest, TopicPartition } from '../log/port.ts';
import type { LogError } from '../model/errors.ts';
import type { Logger } from '../runtime/logger.ts';

/** Tells once when fetching begins to fail, and once when it works again. */
export class FetchSilence {
  /** Partitions not heard of since fetching failed; null: it works. */
  private silent: ReadonlySet<string> | null = null;

  constructor(private readonly logger: Logger) {}

  failed(requests: readonly FetchRequest[], { message, code }: LogError): void {
    if (this.silent === null) {
      this.logger.warn(`Fetching fails and is tried again until it works: ${message}`, { code });
    }
    this.silent = new Set([...(this.silent ?? []), ...requests.map(partitionName)]);
  }

  /** An answer with nothing in it may come of waiting in vain: it has to say something. */
  answered(
    inputs: readonly TopicPartition[],
    requests: readonly FetchRequest[],
    answers: readonly FetchedPartition[],
  ): void {
    if (this.silent === null) return;
    const heard = new Set(
      answers.filter((answer, index) => isNews(answer, requests[index])).map(partitionName),
    );
    const { silent } = this;
    const isSilent = (name: string) => silent.has(name) && !heard.has(name);
    // What tasks that went away have read, others ask for.
    this.silent = new Set(inputs.map(partitionName).filter(isSilent));
    if (this.silent.size > 0) return;
    this.silent = null;
    this.logger.info('Fetching works again.');
  }
}

/** Records, a step past others, or the end: a reader cut off from its broker has none. */
function isNews(
  { batches, nextOffset, ends }: FetchedPartition,
  request: FetchRequest | undefined,
): boolean {
  if (batches.length > 0 || nextOffset >= ends.logEndOffset) return true;
  return request !== undefined && nextOffset > request.offset;
}
