import type { Codec } from './codec.ts';
import { WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/** One version of one request of Kafka's protocol, and its answer. */
export interface Api<Request, Answer> {
  readonly key: number;
  readonly version: number;
  readonly name: string;
  /** Headers end with tagged fields then. */
  readonly isFlexible: boolean;
  readonly request: Codec<Request>;
  readonly answer: Codec<Answer>;
}

/** The body of a request, without its header. */
export function encodeRequest<Request>(
  api: Pick<Api<Request, unknown>, 'request'>,
  request: Request,
): Buffer {
  const target = new WireWriter();
  api.request.write(target, request);
  return target.finish();
}

/** @throws {LogError} `CORRUPT_ANSWER`, `OFFSET_TOO_LARGE`. */
export function decodeAnswer<Answer>(
  api: Pick<Api<never, Answer>, 'answer' | 'name'>,
  body: Buffer,
): Answer {
  return api.answer.read(new WireReader(body, api.name));
}
