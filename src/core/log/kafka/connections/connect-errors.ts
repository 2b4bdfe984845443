import { LogError } from '../../../model/errors.ts';
import type { KafkaOptions } from '../kafka-options.ts';

/** What an error of kafkajs, or of a socket below it, tells. */
interface TransportError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  /** Name of an error number that the broker answered. */
  readonly type: string;
}

type Security = Pick<KafkaOptions, 'ssl' | 'sasl'>;

/** Of OpenSSL: whoever signed the broker's certificate is not known here, or it has run out. */
const untrusted = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_UNTRUSTED',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REVOKED',
]);

/** kafkajs gives a connection that is lost while it authenticates out as a refusal. */
const lostOnTheWay = /connection error|closed|timed out|not connected|ECONNRESET/i;

/** The error for a connection that could not be made. */
export function connectError(broker: string, cause: unknown, security: Security): LogError {
  if (cause instanceof LogError) return cause;
  const error = readError(cause);
  const refusal = authenticationProblem(error);
  if (refusal !== null) {
    return new LogError(
      'fatal',
      'AUTHENTICATION_FAILED',
      `Broker ${broker} refused the connection: ${said(error)}. ${refusal}`,
      { cause },
    );
  }
  const distrust = trustProblem(error);
  return new LogError(
    distrust === null ? 'retriable' : 'fatal',
    'BROKER_UNREACHABLE',
    `Cannot connect to broker ${broker}: ${said(error)}. ${distrust ?? connectHint(error, security)}`,
    { cause },
  );
}

/** The request was not sent, as the connection had broken before. */
export function notSentError(broker: string, api: string, cause?: unknown): LogError {
  return new LogError(
    'retriable',
    'BROKER_UNREACHABLE',
    `The connection to broker ${broker} broke before ${api} was sent.`,
    { cause },
  );
}

/** The request was sent and nothing is known of what became of it. */
export function unansweredError(broker: string, api: string, cause: unknown): LogError {
  return new LogError(
    'abort-and-reinitialise',
    'REQUEST_TIMED_OUT',
    `Broker ${broker} did not answer ${api}: ${said(readError(cause))}.`,
    { cause },
  );
}

/**
 * As `unansweredError` for a request that changes nothing: it can simply be repeated. With
 * `security`, of a client that has never had an answer: a listener with SASL closes just so.
 */
export function harmlessError(error: LogError, security: Security | null): LogError {
  if (error.code !== 'REQUEST_TIMED_OUT') return error;
  const isLost = lostOnTheWay.test(readError(error.cause).message);
  const hint = security !== null && isLost ? ` ${closedHint(security)}` : '';
  return new LogError('retriable', 'BROKER_UNREACHABLE', `${error.message}${hint}`, {
    cause: error.cause,
  });
}

/** None of the brokers that are known could be reached; a cluster that starts may know none. */
export function unreachableError(failures: readonly unknown[]): unknown {
  const [first] = failures;
  if (failures.length === 1) return first;
  const texts = failures.map((failure) => readError(failure).message);
  return new LogError(
    'retriable',
    'BROKER_UNREACHABLE',
    `No broker of the cluster can be reached. ${[...new Set(texts)].join(' ')}`,
    { cause: first },
  );
}

function authenticationProblem({ name, type, code, message }: TransportError): string | null {
  if (type === 'ILLEGAL_SASL_STATE') {
    return 'This port takes no SASL: leave `sasl` out, or give the port of a SASL listener.';
  }
  if (type === 'UNSUPPORTED_SASL_MECHANISM' || message.includes('mechanism is not supported')) {
    return 'Give a mechanism in `sasl` that the broker has enabled.';
  }
  if (name === 'KafkaJSSASLAuthenticationError' && !lostOnTheWay.test(message)) {
    return 'Check user name, password and mechanism in `sasl`.';
  }
  if (/^ERR_SSL_.*ALERT.*(CERTIFICATE|UNKNOWN_CA)/.test(code)) {
    return 'The broker wants a client certificate that it trusts: give `ssl.cert` and `ssl.key`.';
  }
  return null;
}

function trustProblem({ code }: TransportError): string | null {
  if (untrusted.has(code)) {
    return 'The certificate of the broker is not trusted: give its authority as `ssl.ca`.';
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'The certificate of the broker is for another host: use its name in `brokers` (and in `advertised.listeners` of the broker), or give `ssl.servername`.';
  }
  return null;
}

function connectHint(error: TransportError, security: Security): string {
  const { message, code, name } = error;
  if (message.includes('before secure TLS connection') || isNoTls(code)) {
    return 'The port may speak no TLS: leave `ssl` out, or give the port of a TLS listener.';
  }
  if (name === 'KafkaJSConnectionClosedError' || /closed$|ECONNRESET/.test(message)) {
    return closedHint(security);
  }
  if (name === 'KafkaJSRequestTimeoutError') return 'Check that the port is that of Kafka.';
  return 'Check host and port, and that the broker runs.';
}

function isNoTls(code: string): boolean {
  return code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER';
}

function closedHint({ ssl, sasl }: Security): string {
  const missing = [
    ...(ssl === undefined || ssl === false ? ['TLS, then give `ssl`'] : []),
    ...(sasl === undefined ? ['authentication, then give `sasl`'] : []),
  ];
  if (missing.length === 0) return 'The broker may be shutting down.';
  return `It may want ${missing.join('; or ')}. Otherwise the broker may be shutting down.`;
}

function said({ message }: TransportError): string {
  return message.replace(/^Connection error: /, '').replace(/\.$/, '');
}

function readError(cause: unknown): TransportError {
  if (!(cause instanceof Error)) return { name: '', message: String(cause), code: '', type: '' };
  const { code, type } = cause as { code?: unknown; type?: unknown }; // both are asked for below
  return { name: cause.name, message: cause.message, code: textOf(code), type: textOf(type) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
