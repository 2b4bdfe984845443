/** Operators with one rule, a section of `docs/SEMANTICS.md`. */
export interface OperatorFamily {
  readonly rule: string;
  /** Their files below `src/operators`, or below `src`; methods of a handle by their names. */
  readonly operators: readonly string[];
  /** Their tests below `test`, beside those that are called like a file or a method of theirs. */
  readonly tests: readonly string[];
}

const inWindows = ['operators/windowed-aggregation', 'properties/windowed-aggregation.property'];
const inSessions = ['operators/session-windows', 'properties/moving-windows.property'];

export const operatorFamilies: readonly OperatorFamily[] = [
  {
    rule: 'Time',
    operators: ['stream-source'],
    tests: ['core/task/idle-advance', 'core/task/time', 'bad-input/records'],
  },
  {
    rule: 'Names and changes of a topology',
    operators: ['TopologyBuilder.build'],
    tests: ['operators/plan', 'laws/names-are-identity'],
  },
  {
    rule: 'Sinks',
    operators: ['to-sink'],
    tests: ['core/sink/delivery', 'simulation/sink-cluster'],
  },
  {
    rule: 'Tables',
    operators: [
      'table-source',
      'global-table-source',
      'to-table',
      'to-stream',
      'table-filter',
      'table-filter-not',
      'table-map-values',
    ],
    tests: [
      'operators/plan',
      'operators/versioned-table',
      'operators/time-to-live',
      'operators/global-table',
      'properties/table.property',
      'properties/global-table.property',
    ],
  },
  {
    rule: 'Stateless operators',
    operators: [
      'filter',
      'filter-not',
      'map',
      'map-values',
      'map-headers',
      'flat-map',
      'flat-map-values',
      'select-key',
      'peek',
      'for-each',
      'merge',
      'split',
      'repartition',
      'to',
    ],
    tests: ['operators/stateless', 'properties/stateless.property'],
  },
  {
    rule: 'Grouping and aggregating',
    operators: ['group-by', 'group-by-key', 'count', 'reduce', 'aggregate'],
    tests: ['operators/aggregation', 'properties/aggregation.property'],
  },
  { rule: 'Different ids', operators: ['count-distinct'], tests: [] },
  {
    rule: 'Ready aggregators',
    operators: ['average', 'first', 'last', 'max', 'min', 'sum'].map(
      (name) => `internal/aggregators/${name}`,
    ),
    tests: ['operators/ready-aggregators'],
  },
  { rule: 'Ready aggregators', operators: ['quantiles/quantiles'], tests: ['quantiles/quantiles'] },
  {
    rule: 'Several streams, one aggregate',
    operators: [
      'KGroupedStream.cogroup',
      'CogroupedKStream.cogroup',
      'cogroup',
      'windowed-cogroup',
      'session-cogroup',
    ],
    tests: ['operators/cogroup', 'properties/cogroup.property'],
  },
  {
    rule: 'Grouped tables',
    operators: ['table-group-by', 'table-count', 'table-reduce', 'table-aggregate'],
    tests: ['operators/table-group-by', 'properties/table-group-by.property'],
  },
  { rule: 'The best n', operators: ['top-n', 'table-top-n'], tests: [] },
  {
    rule: 'Windows',
    operators: [
      'KGroupedStream.windowedBy',
      'CogroupedKStream.windowedBy',
      'windowed-count',
      'windowed-count-distinct',
      'windowed-reduce',
      'windowed-aggregate',
      'windowed-top-n',
      'core/model/windows',
      'core/model/unlimited',
      'core/model/calendar',
    ],
    tests: [
      ...inWindows,
      'operators/time-windows',
      'core/model/windows',
      'core/model/calendar',
      'properties/calendar.property',
      'properties/cogroup.property',
    ],
  },
  {
    rule: 'Sliding windows',
    operators: ['core/model/sliding-windows'],
    tests: ['properties/moving-windows.property'],
  },
  {
    rule: 'Sessions',
    operators: [
      'core/model/session-windows',
      'session-count',
      'session-count-distinct',
      'session-reduce',
      'session-aggregate',
      'session-top-n',
    ],
    tests: inSessions,
  },
  {
    rule: 'Emission',
    operators: ['internal/emit'],
    tests: ['laws/emission-is-a-policy', ...inWindows],
  },
  { rule: 'Suppress', operators: ['suppress'], tests: [] },
  {
    rule: 'Stream-table joins',
    operators: ['stream-table-join', 'global-table-join'],
    tests: [
      'operators/versioned-table',
      'operators/global-table',
      'properties/versioned-table.property',
      'properties/global-table.property',
    ],
  },
  { rule: 'Table joins', operators: ['table-join', 'foreign-key-join'], tests: [] },
  { rule: 'Stream-stream joins', operators: ['stream-stream-join'], tests: [] },
  {
    rule: 'Deduplicating, delaying, limiting',
    operators: ['deduplicate', 'distinct-until-changed', 'delay', 'rate-limit'],
    tests: ['properties/record-operators.property'],
  },
  {
    rule: 'process',
    operators: ['process', 'process-values'],
    tests: ['core/task/processor-api', 'core/task/periodic-schedules', 'core/task/scan-runner'],
  },
  { rule: 'mapAsync', operators: ['map-async'], tests: ['operators/map-async-time'] },
  {
    rule: 'Patterns',
    operators: ['pattern'],
    tests: ['operators/pattern', 'properties/pattern.property'],
  },
];
