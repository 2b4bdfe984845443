/** Runs in the browser: shows each snapshot that the server sends. */
export const pageScript = String.raw`
'use strict';
const element = (id) => document.getElementById(id);
const grouped = (value) => value.toLocaleString('en-US');
const rates = [];
const pointsShown = 120;

function show(snapshot) {
  for (const tile of document.querySelectorAll('[data-number]')) {
    tile.textContent = grouped(snapshot[tile.dataset.number]);
  }
  const today = snapshot.days.at(-1);
  element('users').textContent = grouped(today ? today.count : 0);
  element('users-day').textContent = today ? 'users on ' + today.name : 'users';
  element('event-time').textContent = snapshot.eventTimeMs < 0 ? '' :
    'event time ' + new Date(snapshot.eventTimeMs).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
  for (const list of document.querySelectorAll('[data-list]')) {
    const rows = snapshot[list.dataset.list];
    fill(list, list.dataset.list === 'days' ? rows.slice(-10).reverse() : rows.slice(0, 10));
  }
  for (const text of document.querySelectorAll('[data-topic]')) {
    text.textContent = grouped(snapshot.topics[text.dataset.topic] ?? 0);
  }
  rates.push(snapshot.perSecond);
  if (rates.length > pointsShown) rates.shift();
  drawRates();
}

function fill(list, rows) {
  if (rows.length === 0) return;
  const greatest = Math.max(1, ...rows.map((row) => row.count));
  list.replaceChildren(...rows.map((row) => {
    const item = document.createElement('li');
    const bar = document.createElement('i');
    bar.style.width = (100 * row.count) / greatest + '%';
    item.append(bar, labelled(row.name), labelled(grouped(row.count)));
    return item;
  }));
}

function labelled(text) {
  const span = document.createElement('span');
  span.textContent = text;
  return span;
}

function drawRates() {
  const greatest = Math.max(1, ...rates);
  const points = rates.map((rate, index) =>
    300 - ((rates.length - 1 - index) * 300) / (pointsShown - 1) + ' ' + (46 - (44 * rate) / greatest));
  element('rate-path').setAttribute('d', 'M' + points.join('L'));
}

const source = new EventSource('/events');
source.onmessage = (message) => {
  const snapshot = JSON.parse(message.data);
  const [blocked] = snapshot.blocked;
  status(blocked ? blocked.sink + ' waits: ' + blocked.error : 'live', blocked !== undefined);
  show(snapshot);
};
source.onerror = () => status('not connected: the program may have ended', true);

function status(text, isLost) {
  element('status').textContent = text;
  element('status').classList.toggle('lost', isLost);
}
`;
