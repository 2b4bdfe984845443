import { badOption } from '../sink-options.ts';

/** Where the server is, as `pg` takes it. What is left out comes from PGHOST, PGUSER, ... */
export interface PostgresAddress {
  /** A name, an address, or the directory of a Unix socket. */
  readonly host?: string;
  /** Default 5432. */
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  /** A function is asked for each connection: for passwords that expire. */
  readonly password?: string | (() => string | Promise<string>);
  /** True: TLS, verified as Node does. An object: options of `tls.connect`, as `{ ca }`. */
  readonly ssl?: boolean | Readonly<Record<string, unknown>>;
}

/**
 * Checked before `pg` sees it: its own error carries the text of the address, password included.
 *
 * @throws {ConfigError} `BAD_OPTION`
 */
export function checkAddress(sink: string, address: string | PostgresAddress): void {
  if (typeof address !== 'string') return;
  if (/^postgres(?:ql)?:\/\//.test(address) && URL.canParse(address)) return;
  const rule = "a URL as 'postgres://user:password@host:5432/database', special characters encoded";
  throw badOption(sink, `'connection' is to be ${rule}`);
}
