import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MissingToolError } from './kafka-jars.ts';

export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** Where the broker finds its stores, and their password. */
  readonly keyStore: string;
  readonly trustStore: string;
  readonly password: string;
  /** Of the authority that signed all others. */
  readonly ca: string;
  /** Of another authority, which signed none. */
  readonly foreignCa: string;
  /** Of the user `CN=alice`. */
  readonly client: ClientCertificate;
}

const password = 'changeit';

/** Made anew for each cluster; nothing of it is worth keeping. @throws {MissingToolError} */
export function makeCertificates(directory: string): Certificates {
  mkdirSync(directory, { recursive: true });
  const at = (name: string) => join(directory, name);
  const openssl = (...args: readonly string[]) => tool('openssl', directory, args);
  const authority = (name: string) => {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-subj', `/CN=${name}`];
    const ca = ['-addext', 'basicConstraints=critical,CA:TRUE', '-days', '3650'];
    openssl('req', '-x509', ...key, '-out', `${name}.pem`, ...ca);
  };
  const signed = (name: string, alternative: string) => {
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-subj', `/CN=${name}`];
    openssl('req', ...key, '-out', `${name}.csr`);
    const extensions = `subjectAltName=${alternative}\nextendedKeyUsage=serverAuth,clientAuth\n`;
    writeFileSync(at(`${name}.ext`), extensions);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '3650'];
    const files = ['-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`];
    openssl('x509', '-req', ...files, ...by);
  };
  authority('ca');
  authority('foreign');
  signed('broker', 'DNS:localhost,IP:127.0.0.1');
  signed('alice', 'DNS:alice');
  const pair = ['-in', 'broker.pem', '-inkey', 'broker.key', '-certfile', 'ca.pem'];
  openssl('pkcs12', '-export', ...pair, '-out', 'broker.p12', '-passout', `pass:${password}`);
  const store = ['-keystore', 'trust.p12', '-storetype', 'PKCS12', '-storepass', password];
  const imported = ['-importcert', '-noprompt', '-alias', 'ca', '-file', 'ca.pem'];
  tool('keytool', directory, [...imported, ...store]);
  const text = (name: string) => readFileSync(at(name), 'utf8');
  return {
    keyStore: at('broker.p12'),
    trustStore: at('trust.p12'),
    password,
    ca: text('ca.pem'),
    foreignCa: text('foreign.pem'),
    client: { cert: text('alice.pem'), key: text('alice.key') },
  };
}

function tool(name: string, cwd: string, args: readonly string[]): void {
  try {
    execFileSync(name, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // `execFileSync` throws nothing else
    if (code !== 'ENOENT') throw error;
    throw new MissingToolError(`TLS listeners need '${name}', which was not found. Install it.`);
  }
}
