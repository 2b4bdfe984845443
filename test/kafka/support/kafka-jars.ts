import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The oldest line of brokers that is tested, and the newest. */
export const kafkaVersions = ['3.9.1', '4.1.1'] as const;

const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'millrace');

const install =
  'Install Java 17 or later and Maven, for example with ' +
  '`apt-get install --no-install-recommends openjdk-17-jre-headless maven`.';

/** Its message is one line for a person at a terminal. */
export class MissingToolError extends Error {}

/**
 * The folder with the jars of a broker and Kafka's own tools: from the cache of this user, or
 * fetched with Maven.
 *
 * @throws {MissingToolError}
 */
export async function kafkaJars(version: string): Promise<string> {
  await requireTool('java', '-version');
  const jars = join(cache, `kafka-${version}`);
  if (existsSync(jars)) return jars;
  await requireTool('mvn', '-version');
  await mkdir(cache, { recursive: true });
  const staging = await mkdtemp(join(cache, '.fetching-'));
  try {
    const fetched = join(staging, 'jars');
    await fetchJars(version, staging, fetched);
    await rename(fetched, jars).catch((error: unknown) => {
      // Another run was faster; its folder is whole, as this one is.
      if (!existsSync(jars)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return jars;
}

async function fetchJars(version: string, staging: string, target: string): Promise<void> {
  const pom = join(staging, 'pom.xml');
  await writeFile(pom, pomOf(version));
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime'];
  const command = ['-q', '-B', '-f', pom, ...goal, `-DoutputDirectory=${target}`];
  // Once more: what failed may have been another Maven at work in the same repository.
  await execute('mvn', command).catch(() => execute('mvn', command));
}

async function requireTool(name: string, ...args: readonly string[]): Promise<void> {
  await execute(name, args).catch((error: unknown) => {
    const cause = (error as NodeJS.ErrnoException).code; // `execFile` rejects with nothing else
    const found = cause === 'ENOENT' ? 'was not found' : 'does not work';
    throw new MissingToolError(`A Kafka broker needs '${name}', which ${found}. ${install}`);
  });
}

function pomOf(version: string): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace</groupId>
  <artifactId>test-brokers</artifactId>
  <version>1</version>
  <dependencies>${dependency('kafka_2.13', version)}${dependency('kafka-tools', version)}
  </dependencies>
</project>
`;
}

/** Without Kafka Connect, which brings half of all jars. */
function dependency(artifact: string, version: string): string {
  const excluded = ['connect-runtime', 'connect-api', 'connect-json', 'connect-transforms'];
  const exclusions = excluded.map(
    (name) =>
      `<exclusion><groupId>org.apache.kafka</groupId><artifactId>${name}</artifactId></exclusion>`,
  );
  return `
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>${artifact}</artifactId>
      <version>${version}</version>
      <exclusions>${exclusions.join('')}</exclusions>
    </dependency>`;
}
