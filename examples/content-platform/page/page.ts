import { createHash } from 'node:crypto';
import type { Topology } from '../../../src/index.ts';
import { escaped } from './escaped.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';
import { topologySvg } from './topology-svg.ts';

export interface Page {
  readonly html: string;
  /** What the browser may load and run: this style and this script, nothing else. */
  readonly policy: string;
}

export function pageOf(topology: Topology): Page {
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    'img-src data:',
    `style-src ${hashOf(pageStyle)}`,
    `script-src ${hashOf(pageScript)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html: htmlOf(topology), policy };
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function htmlOf(topology: Topology): string {
  const application = escaped(topology.application);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${application} on Millrace</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<main>
<header><h1>${application}</h1><span id="status">connecting</span><span id="event-time"></span></header>
<section class="cards tiles">
${tile('processed', 'events processed')}
${tile('perSecond', 'events a second')}
${tile('activeSessions', 'active sessions')}
<div class="card tile"><b id="users">0</b><span id="users-day">users</span></div>
${tile('endedSessions', 'sessions ended')}
${tile('quarantined', 'quarantined')}
${tile('duplicates', 'duplicates dropped')}
</section>
<section class="cards"><div class="card"><h2>Events a second</h2>
<svg id="rate-line" viewBox="0 0 300 48" preserveAspectRatio="none" aria-hidden="true">
<path id="rate-path" d="M0 48"/></svg></div></section>
<section class="cards lists">
${list('posts', 'Most viewed posts')}
${list('countries', 'Views by country')}
${list('days', 'Users by day')}
${list('reasons', 'Quarantined by rule')}
</section>
<section class="cards"><div class="card"><h2>Topology</h2>
<div class="picture" tabindex="0">${topologySvg(topology)}</div>
<p class="legend"><span class="topic">topic, with its end offset</span>
<span class="internal">repartition topic</span><span class="state">state</span>
<span class="table">table of a database</span></p></div></section>
<footer>Countries by <a href="https://db-ip.com">IP Geolocation by DB-IP</a>, CC BY 4.0.</footer>
</main>
<script>${pageScript}</script>
</body>
</html>
`;
}

function tile(number: string, label: string): string {
  return `<div class="card tile"><b data-number="${number}">0</b><span>${label}</span></div>`;
}

function list(name: string, title: string): string {
  return `<div class="card"><h2>${title}</h2><ol data-list="${name}"><li class="empty">none yet</li></ol></div>`;
}
