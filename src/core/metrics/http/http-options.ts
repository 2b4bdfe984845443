import { ConfigError } from '../../model/errors.ts';

/** Where a worker answers `/metrics`, `/healthz`, `/readyz` and `/status`. */
export interface HttpOptions {
  /** 0: one that is free, which `worker.httpUrl` names. */
  readonly port: number;
  /** The address to listen on. Default `'127.0.0.1'`: this machine alone. */
  readonly host?: string;
  /**
   * Asked for as `Authorization: Bearer <token>` by `/metrics` and `/status`, 16 characters at
   * least. Needed on every address but those of this machine.
   */
  readonly token?: string;
  /** Certificate and key as PEM: the answers, and the token, are encrypted. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Answers other machines without TLS: whoever reads the traffic reads the token. */
  readonly allowPlaintext?: boolean;
}

/** The options, checked. */
export interface HttpSettings {
  readonly port: number;
  readonly host: string;
  readonly token: string | null;
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

const maxPort = 65_535;
const minTokenLength = 16;

/** @throws {ConfigError} `BAD_OPTION` */
export function httpSettings(options: HttpOptions): HttpSettings {
  const { port, host = '127.0.0.1', token = null, tls = null, allowPlaintext = false } = options;
  if (!Number.isSafeInteger(port) || port < 0 || port > maxPort) {
    throw badOption('http.port', `is a whole number from 0 to ${maxPort}`);
  }
  if (token !== null && token.length < minTokenLength) {
    throw badOption('http.token', `has ${minTokenLength} characters at least`);
  }
  // As the line end of a file that it was read from: no request could carry it.
  if (token !== null && !/^[\x21-\x7e]*$/.test(token)) {
    throw badOption('http.token', 'has no blanks, no line ends, and only characters of ASCII');
  }
  if (!isLoopback(host)) {
    if (token === null) {
      throw badOption('http.token', `is needed on '${host}', which other machines can reach`);
    }
    if (tls === null && !allowPlaintext) {
      throw badOption('http.tls', `or 'http.allowPlaintext' is needed on '${host}'`);
    }
  }
  return { port, host, token, tls };
}

/** Whether an address, or the name in a request, is of this machine alone. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function badOption(name: string, rule: string): ConfigError {
  return new ConfigError('BAD_OPTION', `The option '${name}' ${rule}.`);
}
