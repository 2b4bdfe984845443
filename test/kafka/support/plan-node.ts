import { join } from 'node:path';
import type { ProxyRoute } from './kafka-proxy.ts';
import type { Listener, NodePlan } from './server-properties.ts';

export interface NodeWish {
  readonly id: number;
  /** Of the cluster. */
  readonly directory: string;
  /** As many as it has listeners, and one more for a proxy. */
  readonly ports: readonly number[];
  readonly secured: boolean;
  readonly proxied: boolean;
}

/** Where the brokers with `secured` are reached, by what the client must do there. */
export interface SecuredAddresses {
  readonly tls: readonly string[];
  readonly mutualTls: readonly string[];
  readonly passwordsOverTls: readonly string[];
  readonly passwords: readonly string[];
}

export function planNode(wish: NodeWish): NodePlan & { readonly route: ProxyRoute | null } {
  const { id, directory, secured, proxied } = wish;
  const ports = [...wish.ports];
  const next = () => {
    const port = ports.shift();
    if (port === undefined) throw new Error('Fewer ports than listeners.');
    return port;
  };
  const open = (name: string, protocol: Listener['protocol'], host = '127.0.0.1'): Listener => {
    const port = next();
    return { name, protocol, port, advertised: `${host}:${port}` };
  };
  const listeners: Listener[] = [
    open('PLAINTEXT', 'PLAINTEXT'),
    { name: 'CONTROLLER', protocol: 'PLAINTEXT', port: next(), advertised: null },
  ];
  if (secured) {
    // The names of certificates are those of hosts.
    listeners.push(open('SSL', 'SSL', 'localhost'), open('MTLS', 'SSL', 'localhost'));
    listeners.push(open('SASL_SSL', 'SASL_SSL', 'localhost'));
    listeners.push(open('SASL_PLAINTEXT', 'SASL_PLAINTEXT'));
  }
  let route: ProxyRoute | null = null;
  if (proxied) {
    route = { listenPort: next(), targetPort: next() };
    const advertised = `127.0.0.1:${route.listenPort}`;
    listeners.push({ name: 'PROXY', protocol: 'PLAINTEXT', port: route.targetPort, advertised });
  }
  return { id, directory: join(directory, `node-${id}`), listeners, route };
}

export function securedAddresses(nodes: readonly NodePlan[]): SecuredAddresses {
  const at = (wanted: string) =>
    nodes.flatMap(({ listeners }) =>
      listeners.flatMap(({ name, advertised }) =>
        name === wanted && advertised !== null ? [advertised] : [],
      ),
    );
  return {
    tls: at('SSL'),
    mutualTls: at('MTLS'),
    passwordsOverTls: at('SASL_SSL'),
    passwords: at('SASL_PLAINTEXT'),
  };
}
