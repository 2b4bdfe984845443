import { type Rule, below } from '../project.ts';
import { importsOf, isOutside, packageOf } from './imports.ts';

/** Functions of their arguments alone: usable everywhere. */
const pure = ['node:buffer', 'node:path', 'node:util'];

/** Each package and built-in that `src` may use, with the folders (or the file) it lives in. */
const homes: Readonly<Record<string, readonly string[]>> = {
  'classic-level': ['src/state', 'src/core/log/embedded'],
  '@clickhouse/client': ['src/sinks/clickhouse'],
  '@datadog/sketches-js': ['src/quantiles'],
  '@node-rs/crc32': ['src/core/log/record-batch'],
  '@standard-schema/spec': ['src/core/serde'],
  avsc: ['src/serde/avro'],
  fzstd: ['src/core/log/record-batch'],
  kafkajs: ['src/core/log/kafka'],
  'lz4-napi': ['src/core/log/record-batch'],
  pg: ['src/sinks/postgres'],
  maxmind: ['src/topologies/geo'],
  snappy: ['src/core/log/record-batch'],
  'node:child_process': ['src/cli'],
  'prom-client': ['src/core/metrics'],
  // Hashes; what is random of it is a hidden input.
  'node:crypto': ['src/core/runtime', 'src/core/topology', 'src/core/metrics/http'],
  'node:fs': [
    'src/state',
    'src/core/log/embedded',
    'src/core/runtime',
    'src/cli',
    'src/topologies/geo',
  ],
  'node:fs/promises': [
    'src/state',
    'src/core/log/embedded',
    'src/core/runtime',
    'src/cli',
    'src/topologies/geo',
  ],
  'node:http': ['src/core/metrics/http'],
  'node:https': ['src/core/metrics/http'],
  'node:module': ['src/core/log/record-batch'],
  // `isIP` and connections.
  'node:net': ['src/core/log/kafka/connections', 'src/topologies/geo'],
  'node:os': ['src/core/runtime', 'src/cli'],
  'node:perf_hooks': ['src/core/runtime'],
  'node:process': ['src/core/runtime', 'src/cli'],
  'node:stream': ['src/sinks/clickhouse'],
  'node:timers': ['src/core/runtime'],
  'node:timers/promises': ['src/core/runtime'],
  'node:tls': ['src/core/log/kafka/connections'],
  'node:url': ['src/cli'],
  'node:zlib': ['src/core/log/record-batch'],
};

export const dependencyHome: Rule = {
  name: 'dependency-home',
  check: (project) =>
    importsOf(project).flatMap((edge) => {
      const { from, specifier, line } = edge;
      if (!from.startsWith('src/') || !isOutside(edge)) return [];
      if (pure.includes(specifier)) return [];
      const home = homes[packageOf(specifier)];
      if (home === undefined) {
        const message = `'${specifier}' has no home: give it one folder in test/tidy/rules/dependencies.ts`;
        return [{ path: from, line, message }];
      }
      if (below(...home)(from)) return [];
      const message = `'${specifier}' lives in ${home.join(', ')}: call what stands there`;
      return [{ path: from, line, message }];
    }),
  bad: {
    'LevelDB in an operator': {
      'src/operators/count.ts': "import { ClassicLevel } from 'classic-level';",
    },
    'a package nobody placed': { 'src/state/a.ts': "import _ from 'lodash';" },
    'part of a package': { 'src/state/a.ts': "import x from '@scope/name/part';" },
  },
  good: {
    'at home': { 'src/state/level.ts': "import { ClassicLevel } from 'classic-level';" },
    'in a test': { 'test/a.test.ts': "import { z } from 'zod';" },
  },
};
