export const usage = `Runs an application of Millrace, and looks after one that is stopped.

millrace run APP.js --brokers HOST:PORT[,HOST:PORT...] [options]
millrace reset APP.js [--store NAME] --yes      begin anew, or empty one store
millrace topics APP.js [--create | --orphans]   what the engine keeps in the log
millrace dlq [list|show|replay] APP.js|TOPIC    dead letters, and sending them back
millrace topologies [NAME] [--json]             ready-made topologies and their settings

APP.js exports by default a topology, or a function (settings) => topology, and may export
\`options\`: what \`run\` takes, without its log. Or it is millrace/topologies/NAME, one of those
that \`millrace topologies\` lists, with its settings by --set.

Log
  --brokers LIST           brokers of a Kafka cluster (or environment MILLRACE_BROKERS)
  --embedded DIR           an embedded log in a directory instead, for one worker
  --client-id NAME         named in the logs and quotas of the brokers
  --ssl                    connect by TLS
  --sasl-mechanism M       plain, scram-sha-256 or scram-sha-512
  --sasl-username NAME     with the password in the environment MILLRACE_SASL_PASSWORD

run
  --workers N              start and watch N worker processes (default: one worker, in this process)
  --max-restarts N         failures of a worker in a row that are forgiven (default 10)
  --stop-timeout D         time to stop in good order after SIGTERM or SIGINT (default 25s)
  --state-dir DIR          local state (default ./.millrace)
  --instance-id NAME       stable name of the worker; with --workers: NAME-1, NAME-2, ...
  --guarantee G            exactly-once (default) or at-least-once
  --commit-interval D      time between commits (default 100ms)
  --session-timeout D      a worker silent for longer loses its tasks (default 45s)
  --standby-replicas N     copies of each state kept by other workers (default 0)
  --internal-topics T      create (default) or check
  --accept CODE:NAME       start in spite of a refusal; may be given several times
  --http PORT              /metrics, /healthz, /readyz and /status on 127.0.0.1; with --workers,
                           worker 1 on PORT + 1, worker 2 on PORT + 2, ...; 0: any free
  --http-host HOST         on another address, with a token in the environment MILLRACE_HTTP_TOKEN
  --http-plaintext         on another address without TLS
  --set KEY=VALUE          a setting for the application; may be given several times

reset
  --store NAME             only this store and what its operator keeps beside it
  --dry-run                say what would be done
  --yes                    do it: it cannot be undone

topics
  --create                 make those that are missing
  --orphans                those that the topology has no use for
  --delete --yes           with --orphans: delete them

dlq
  --code C, --node N, --topic T   only dead letters of this error, node, or topic of origin
  --from P:O, --to P:O     only from, or before, an offset of a partition; may be given several times
  --at P:O                 show: the one record
  --payload text|hex       show: key and value too
  --dry-run                replay: say what would be sent
  --again                  replay: also what was replayed before

topologies
  --json                   as JSON

Output
  --log-format F           text or json (default text), to the standard error output
  --log-level L            debug, info, warn or error (default info)
  --help, --version

Exit codes: 0 clean, 1 failed, 2 wrong usage or configuration, 75 start me again.
`;
