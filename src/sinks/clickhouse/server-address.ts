import { badOption } from '../sink-options.ts';

export interface ServerAddress {
  /** Without user name, password and query. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

export interface GivenAddress {
  readonly name: string;
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** @throws {ConfigError} `BAD_OPTION`; its message does not show the address. */
export function serverAddress(given: GivenAddress): ServerAddress {
  const url = URL.canParse(given.url) ? new URL(given.url) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const rule = "the 'url' is to be of the HTTP interface, such as http://127.0.0.1:8123";
    throw badOption(given.name, rule);
  }
  const { username = decoded(url.username) || 'default' } = given;
  const { password = decoded(url.password) } = given;
  const path = url.pathname === '/' ? '' : url.pathname;
  return { url: `${url.protocol}//${url.host}${path}`, username, password };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
