import type { HttpOptions } from '../core/metrics/http/http-options.ts';
import { UsageError } from './exit-codes.ts';
import type { Values } from './options.ts';
import { wholeNumber } from './values.ts';

const maxPort = 65_535;

/** Where a worker of this command answers; nothing where that was not asked for. */
export function httpOverride(
  values: Pick<Values, 'http' | 'http-host' | 'http-plaintext'>,
  workerIndex: number | null,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly http?: HttpOptions } {
  const { http, 'http-host': host, 'http-plaintext': allowPlaintext } = values;
  if (http === undefined) {
    if (host === undefined && allowPlaintext === undefined) return {};
    throw new UsageError('--http-host and --http-plaintext go with --http PORT.');
  }
  const given = wholeNumber('--http', http, 0);
  // Workers of one supervisor share the arguments, and no two may share a port; 0 is any free one.
  const port = given === 0 ? 0 : given + (workerIndex ?? 0);
  if (port > maxPort) {
    throw new UsageError(`--http '${http}': the port ${port} is above ${maxPort}.`);
  }
  const token = environment['MILLRACE_HTTP_TOKEN'];
  return {
    http: {
      port,
      ...(host === undefined ? {} : { host }),
      ...(token === undefined ? {} : { token }),
      ...(allowPlaintext === undefined ? {} : { allowPlaintext }),
    },
  };
}
