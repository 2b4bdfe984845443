import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { javaCommand } from './java.ts';
import { passwords } from './server-properties.ts';

const execute = promisify(execFile);
const gracefulStopMs = 10_000;

export interface NodeFiles {
  /** Of this node alone. */
  readonly directory: string;
  /** Names the process group while there is one; see `killWithParent`. */
  readonly pidFile: string;
  readonly properties: string;
  readonly jars: string;
  readonly heapMb: number;
}

/** One broker process after another on the same directory. */
export class KafkaNode {
  private child: ChildProcess | null = null;
  private readonly propertiesFile: string;
  private readonly logFile: string;

  constructor(private readonly files: NodeFiles) {
    const { directory, properties } = files;
    mkdirSync(directory, { recursive: true });
    this.propertiesFile = join(directory, 'server.properties');
    this.logFile = join(directory, 'server.log');
    writeFileSync(this.propertiesFile, properties);
    writeFileSync(join(directory, 'log4j.properties'), log4j);
    writeFileSync(join(directory, 'log4j2.properties'), log4j2);
  }

  /** Null while no process runs. */
  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  async format(clusterId: string, withUsers: boolean): Promise<void> {
    const { jars } = this.files;
    const users = withUsers ? scramUsers() : [];
    // With `=`: an id may begin with a hyphen.
    const id = `--cluster-id=${clusterId}`;
    const command = ['format', id, '-c', this.propertiesFile, ...users];
    await execute('java', [...javaCommand(jars, 128), 'kafka.tools.StorageTool', ...command]);
  }

  start(): void {
    const { directory, jars, heapMb, pidFile } = this.files;
    const logging = [
      `-Dlog4j.configuration=file:${join(directory, 'log4j.properties')}`,
      `-Dlog4j2.configurationFile=${join(directory, 'log4j2.properties')}`,
    ];
    const command = [...logging, ...javaCommand(jars, heapMb), 'kafka.Kafka', this.propertiesFile];
    const log = openSync(this.logFile, 'a');
    // A process group of its own: Ctrl-C in a terminal is for the parent, which stops in order.
    const child = spawn('java', command, { stdio: ['ignore', log, log], detached: true });
    writeFileSync(pidFile, `${child.pid}\n`);
    child.once('exit', () => {
      rmSync(pidFile, { force: true });
      if (this.child === child) this.child = null;
    });
    child.unref();
    this.child = child;
  }

  /** As if the machine had lost its power. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const exited = exitOf(child);
    child.kill('SIGKILL');
    await exited;
  }

  /** Hands its leadership over first, and is killed if that takes long. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === null) return;
    const abort = new AbortController();
    const exited = exitOf(child).then(() => abort.abort());
    child.kill('SIGTERM');
    const patience = sleep(gracefulStopMs, undefined, { signal: abort.signal });
    await patience.then(
      () => child.kill('SIGKILL'),
      () => undefined,
    );
    await exited;
  }

  /** The end of what it logged. */
  logTail(): string {
    return readFileSync(this.logFile, 'utf8').split('\n').slice(-30).join('\n');
  }
}

/** A running broker keeps nobody alive; one that is waited for does. */
async function exitOf(child: ChildProcess): Promise<void> {
  child.ref();
  await once(child, 'exit');
}

function scramUsers(): readonly string[] {
  return ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
    '--add-scram',
    `${mechanism}=[name=carol,password=${passwords.carol}]`,
  ]);
}

const log4j = `log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{HH:mm:ss,SSS} %p %m (%c)%n
`;

const log4j2 = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{HH:mm:ss,SSS} %p %m (%c)%n
`;
