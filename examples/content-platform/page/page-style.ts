/** Colours are named by what they are for, and given for both modes. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #f5f6f8; --card: #ffffff; --ink: #1b2230;
  --soft: #5c6675; --line: #dde1e8; --accent: #2f6fde; --bar: #dbe7fb; --topic: #e8f0fe;
  --topic-line: #8fb1ec; --state: #fff3d6; --state-line: #dcb55a; --table: #e0f4e6;
  --table-line: #74b98a; --bad: #b3432f; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12151b; --card: #1b2029; --ink: #e6e9ef; --soft: #98a3b3; --line: #2d3440;
    --accent: #7aa8f7; --bar: #263a5c; --topic: #1e2d47; --topic-line: #4d74b5; --state: #3a3119;
    --state-line: #a2813a; --table: #1b3525; --table-line: #4d8a62; --bad: #ef8a75; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 20px 16px 40px; }
header { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: baseline; }
h1 { font-size: 22px; margin: 0; }
h2 { font-size: 13px; margin: 0 0 10px; color: var(--soft); font-weight: 600; }
#status { color: var(--soft); }
#status.lost { color: var(--bad); }
.cards { display: grid; gap: 12px; margin-top: 14px; }
.tiles { grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); }
.lists { grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 12px 14px; min-width: 0; }
.tile b { display: block; font-size: 24px; line-height: 1.2; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: 13px; }
#rate-line { display: block; width: 100%; height: 48px; }
#rate-line path { fill: none; stroke: var(--accent); stroke-width: 2;
  vector-effect: non-scaling-stroke; }
ol { list-style: none; margin: 0; padding: 0; }
li { position: relative; display: flex; justify-content: space-between; gap: 12px;
  padding: 3px 8px; margin-bottom: 2px; font-variant-numeric: tabular-nums; }
li i { position: absolute; inset: 0 auto 0 0; background: var(--bar); border-radius: 4px; }
li span { position: relative; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.empty { color: var(--soft); }
.picture { overflow-x: auto; }
.picture svg { display: block; font: 11.5px system-ui, sans-serif; }
.edge { fill: none; stroke: var(--soft); stroke-opacity: 0.55; marker-end: url(#tip); }
.tip { fill: var(--soft); }
.node rect { fill: var(--card); stroke: var(--soft); }
.node text { fill: var(--ink); text-anchor: middle; }
.node .what { fill: var(--soft); font-size: 10px; font-variant-numeric: tabular-nums; }
.topic rect { fill: var(--topic); stroke: var(--topic-line); }
.internal rect { fill: var(--card); stroke: var(--topic-line); stroke-dasharray: 4 3; }
.state rect { fill: var(--state); stroke: var(--state-line); }
.table rect { fill: var(--table); stroke: var(--table-line); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; color: var(--soft); font-size: 12px;
  margin: 8px 0 0; }
.legend span::before { content: ''; display: inline-block; width: 18px; height: 11px;
  border: 1px solid; margin-right: 6px; vertical-align: -1px; border-radius: 3px; }
.legend .topic::before { background: var(--topic); border-color: var(--topic-line);
  border-radius: 6px; }
.legend .internal::before { border: 1px dashed var(--topic-line); border-radius: 6px; }
.legend .state::before { background: var(--state); border-color: var(--state-line); }
.legend .table::before { background: var(--table); border-color: var(--table-line); }
footer { color: var(--soft); font-size: 13px; margin-top: 16px; }
a { color: var(--accent); }
`;
