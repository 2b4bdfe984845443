import { describe, expect, it } from 'vitest';
import { type Environment, parseCommand, type RunSettings } from '../../src/cli/arguments.ts';
import { UsageError } from '../../src/cli/exit-codes.ts';
import { usage } from '../../src/cli/usage.ts';

const brokers = ['--brokers', 'localhost:9092'];

function settingsOf(args: readonly string[], environment: Environment = {}): RunSettings {
  const command = parseCommand(['run', 'app.js', ...args], environment);
  if (command.type !== 'run') throw new Error(`It is the command '${command.type}'.`);
  return command.settings;
}

function refusal(args: readonly string[], environment: Environment = {}): string {
  try {
    parseCommand(args, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('the arguments of run', () => {
  it('ask for one worker in the foreground unless they say more', () => {
    expect(settingsOf(brokers)).toEqual({
      file: 'app.js',
      log: { type: 'kafka', options: { brokers: ['localhost:9092'] } },
      workers: null,
      workerIndex: null,
      maxRestarts: 10,
      stopTimeoutMs: 25_000,
      overrides: {},
      applicationSettings: {},
      output: { format: 'text', level: 'info' },
    });
  });

  it('override the options of a worker where they are given', () => {
    const { overrides } = settingsOf([
      ...brokers,
      ...['--state-dir', '/data', '--instance-id', 'blue', '--guarantee', 'at-least-once'],
      ...['--commit-interval', '200', '--session-timeout', '6s', '--standby-replicas', '1'],
      ...['--internal-topics', 'check'],
    ]);
    expect(overrides).toEqual({
      stateDir: '/data',
      instanceId: 'blue',
      guarantee: 'at-least-once',
      commitInterval: 200,
      sessionTimeout: 6_000,
      standbyReplicas: 1,
      internalTopics: 'check',
    });
  });

  it('give each worker of a supervisor a port of its own', () => {
    const portOf = (port: string, ...args: readonly string[]) =>
      settingsOf([...brokers, '--http', port, ...args]).overrides.http?.port;
    expect(portOf('9464')).toBe(9464);
    const portsOf = (port: string) => ['1', '3'].map((own) => portOf(port, '--worker-index', own));
    expect(portsOf('9464')).toEqual([9465, 9467]);
    // Any that is free.
    expect(portsOf('0')).toEqual([0, 0]);
  });

  it('take the token for other machines from the environment', () => {
    const args = ['--http', '9464', '--http-host', '0.0.0.0', '--http-plaintext'];
    const { overrides } = settingsOf([...brokers, ...args], { MILLRACE_HTTP_TOKEN: 'secret' });
    const http = { port: 9464, host: '0.0.0.0', token: 'secret', allowPlaintext: true };
    expect(overrides).toEqual({ http });
  });

  it('pass settings on, split at the first equals sign', () => {
    const { applicationSettings } = settingsOf([
      ...brokers,
      ...['--set', 'topic=clicks', '--set', 'filter=a=b', '--set', 'empty='],
    ]);
    expect(applicationSettings).toEqual({ topic: 'clicks', filter: 'a=b', empty: '' });
  });

  it('name brokers by the environment too, below the option', () => {
    const environment = { MILLRACE_BROKERS: 'a:1, [::1]:2' };
    expect(settingsOf([], environment).log).toEqual({
      type: 'kafka',
      options: { brokers: ['a:1', '[::1]:2'] },
    });
    expect(settingsOf(brokers, environment).log).toMatchObject({
      options: { brokers: ['localhost:9092'] },
    });
    expect(settingsOf(['--embedded', 'log'], environment).log).toEqual({
      type: 'embedded',
      directory: 'log',
    });
  });

  it('take the password from the environment', () => {
    const args = [...brokers, '--ssl', '--client-id', 'counts'];
    const sasl = ['--sasl-mechanism', 'scram-sha-512', '--sasl-username', 'ann'];
    expect(settingsOf([...args, ...sasl], { MILLRACE_SASL_PASSWORD: 'secret' }).log).toEqual({
      type: 'kafka',
      options: {
        brokers: ['localhost:9092'],
        clientId: 'counts',
        ssl: true,
        sasl: { mechanism: 'scram-sha-512', username: 'ann', password: 'secret' },
      },
    });
  });

  it('are explained, each of them', () => {
    const known = refusal(['run', '--what']).match(/--[a-z-]+/g) ?? [];
    expect(known).toContain('--workers');
    expect(known).not.toContain('--worker-index');
    const unexplained = known.filter((name) => name !== '--what' && !usage.includes(`${name}`));
    expect(unexplained).toEqual([]);
  });
});

describe('what cannot be understood is refused with what is allowed', () => {
  const run = ['run', 'app.js', ...brokers];

  it.each<[string, readonly string[], RegExp]>([
    ['no command', [], /the commands are run, reset, topics, dlq/],
    ['another command', ['start', 'app.js'], /Unknown command 'start': the commands are run/],
    ['no application', ['run', ...brokers], /Name the application/],
    ['two applications', [...run, 'other.js'], /'other\.js' is left over/],
    ['no log', ['run', 'app.js'], /--brokers .*MILLRACE_BROKERS.*--embedded/],
    ['two logs', [...run, '--embedded', 'log'], /--brokers is for a Kafka cluster/],
    ['an unknown option', [...run, '--worker', '2'], /Unknown option '--worker'\. Known are: --b/],
    ['an option without its value', [...run, '--workers'], /--workers.* argument missing/],
    ['no workers', [...run, '--workers', '0'], /--workers '0': give a whole number of at least 1/],
    ['a host without a port', [...run, '--http-host', '::'], /go with --http PORT/],
    ['a port beyond the last', [...run, '--http', '65536'], /the port 65536 is above 65535/],
    ['half a worker', [...run, '--workers', '1.5'], /--workers '1\.5'/],
    ['a broker without a port', ['run', 'a.js', '--brokers', 'a:1,b'], /Broker 'b': write HOST:P/],
    ['a port out of range', ['run', 'a.js', '--brokers', 'a:65536'], /Broker 'a:65536'/],
    ['a broker as an address', ['run', 'a.js', '--brokers', 'http://a:1'], /write HOST:PORT/],
    ['another guarantee', [...run, '--guarantee', 'none'], /one of exactly-once, at-least-once/],
    ['a time without a unit', [...run, '--commit-interval', '5 parsecs'], /such as 500ms, 30s/],
    ['no commit interval', [...run, '--commit-interval', '0'], /give at least 1ms/],
    ['a setting without a name', [...run, '--set', '=x'], /write KEY=VALUE/],
    ['a setting twice', [...run, '--set', 'a=1', '--set', 'a=2'], /'a=2': a was set before/],
    ['a bad instance id', [...run, '--instance-id', 'a b'], /A-Z a-z 0-9/],
    ['another topic policy', [...run, '--internal-topics', 'no'], /one of create, check/],
    ['another format', [...run, '--log-format', 'xml'], /one of text, json/],
    ['a user without mechanism', [...run, '--sasl-username', 'ann'], /are given together/],
    [
      'a mechanism that is unknown',
      [...run, '--sasl-mechanism', 'magic', '--sasl-username', 'ann'],
      /one of plain, scram-sha-256, scram-sha-512/,
    ],
    [
      'a user without password',
      [...run, '--sasl-mechanism', 'plain', '--sasl-username', 'ann'],
      /MILLRACE_SASL_PASSWORD/,
    ],
    ['a password as an argument', [...run, '--sasl-password=x'], /seen by every user.*PASSWORD/],
    [
      'several workers on an embedded log',
      ['run', 'app.js', '--embedded', 'log', '--workers', '2'],
      /an embedded log serves one process/,
    ],
  ])('%s', (_label, args, expected) => {
    expect(refusal(args)).toMatch(expected);
  });
});
