import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, plain } from './answer.ts';
import { type HttpSettings, isLoopback } from './http-options.ts';

export interface AskedFor {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether the page says anything beyond yes or no. */
  readonly hasData: boolean;
}

/** Why a request is not answered; null: it is. */
export function refusalOf(
  { method, headers, hasData }: AskedFor,
  { host, token }: HttpSettings,
): Answer | null {
  if (method !== 'GET' && method !== 'HEAD') {
    return { ...plain(405, 'Only GET.'), headers: { allow: 'GET, HEAD' } };
  }
  // A page in a browser may reach this machine under a name that its own server has given it. On
  // other addresses the token does what this does here: such a page does not know it. Probes that
  // speak HTTP/1.0 name no host; every browser does.
  if (isLoopback(host) && headers.host !== undefined && !isLoopback(hostOf(headers.host))) {
    return plain(403, 'The Host header names another machine.');
  }
  if (!hasData || token === null || isBearer(headers.authorization ?? '', token)) return null;
  return { ...plain(401, 'A bearer token is needed.'), headers: { 'www-authenticate': 'Bearer' } };
}

/** Without its port: that may be another's, of a tunnel for instance. */
function hostOf(header: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(header);
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase();
}

/** Takes as long for any token: hashes have one length, and are compared to their end. */
function isBearer(authorization: string, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '';
  return timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
