import { spawn } from 'node:child_process';

/** As Prometheus does, but more often: it asks every 15 seconds, or every minute. */
const everyMs = 1_000;

const script = `
const ask = () => fetch(process.argv[1]).then((answer) => answer.text()).catch(() => undefined);
setInterval(ask, ${everyMs});
`;

/** A process that asks for the metrics again and again: what that costs it is not measured. */
export function startScraper(url: string): { stop(): void } {
  const child = spawn(process.execPath, ['-e', script, `${url}/metrics`], { stdio: 'ignore' });
  return { stop: () => void child.kill() };
}
