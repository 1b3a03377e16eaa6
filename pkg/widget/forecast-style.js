export default `
.live { flex: auto; display: flex; flex-direction: column; }
.card {
  --rail: var(--eyas-rail, light-dark(#ece4d6, #332c25));
  --band: var(--eyas-band, color-mix(in srgb, var(--accent) 30%, var(--paper)));
  --parent: var(--eyas-parent, light-dark(#44606e, #9dbccb));
  --compare: var(--eyas-compare, var(--ink));
}
ul, li { list-style: none; margin: 0; padding: 0; }
small { font-size: 0.8125rem; }
.legend { display: flex; flex-wrap: wrap; gap: 0.125rem 1.25rem; min-block-size: 1.375rem; margin-block-end: 0.5rem; font-size: 0.875rem; line-height: 1.375rem; color: var(--ink-soft); overflow-wrap: anywhere; }
.legend li { display: flex; gap: 0.45rem; align-items: baseline; }
.legend small { white-space: nowrap; }
.letter { color: var(--parent); font: 600 0.75rem/1 ui-sans-serif, system-ui, sans-serif; }
.letter.other { color: var(--compare); }
.diamond { flex: none; align-self: center; inline-size: 0.5rem; block-size: 0.5rem; border: 1.5px solid var(--compare); rotate: 45deg; }
.note { margin: 0 0 0.5rem; padding-inline-start: 0.75rem; border-inline-start: 2px solid var(--accent); font-size: 0.8125rem; color: var(--ink-soft); overflow-wrap: anywhere; }
.row {
  display: grid; grid-template: "task track value rank" minmax(3.1875rem, auto) / minmax(4.5rem, 22%) minmax(0, 1fr) minmax(4.75rem, auto) var(--rank, 7rem);
  column-gap: 1rem; align-items: center; border-block-start: 1px solid var(--edge); position: relative; break-inside: avoid;
}
.task { grid-area: task; font-weight: 600; font-size: 0.9375rem; line-height: 1.25; overflow-wrap: anywhere; }
.task small { display: block; font-weight: 400; font-size: 0.75rem; color: var(--ink-soft); }
.known .task small { color: var(--ink); }
.legend b:not([class]) { color: var(--ink); }
.nothing { margin: auto 0; max-inline-size: 34em; color: var(--ink-soft); }
.nothing b { display: block; margin-block-end: 0.5rem; color: var(--ink); font-size: 1.25rem; line-height: 1.3; }
.value { grid-area: value; display: flex; flex-direction: column; align-items: flex-end; line-height: 1.2; font-variant-numeric: lining-nums tabular-nums; }
.value b { font-weight: 600; font-size: 1.125rem; }
.value small { color: var(--ink-soft); font-size: 0.75rem; white-space: nowrap; }
.rank { grid-area: rank; text-align: end; white-space: nowrap; font-variant-numeric: lining-nums tabular-nums; }
.rank small { color: var(--ink-soft); }
.chance { display: flex; flex-wrap: wrap; justify-content: flex-end; align-items: baseline; gap: 0 0.375rem; font-size: 0.75rem; }
.track { grid-area: track; position: relative; block-size: 2.25rem; margin-inline: 0.4375rem; translate: 0 -0.1875rem; }
.track::before {
  content: ""; position: absolute; inset-inline: -0.4375rem; inset-block-start: 1.1875rem; block-size: 0.25rem; border-radius: 0.125rem; background: var(--rail);
}
.track > span { position: absolute; inset-inline-start: var(--x); }
.track .interval { inline-size: calc(var(--to) - var(--x)); min-inline-size: 0.25rem; inset-block-start: 0.9375rem; block-size: 0.75rem; border-radius: 1rem; background: var(--band); }
.track .mean { inset-block-start: 0.875rem; inline-size: 0.875rem; block-size: 0.875rem; margin-inline-start: -0.4375rem; border-radius: 50%; box-sizing: border-box; border: 2px solid var(--paper); background: var(--accent); }
.track .interval.measured { background: color-mix(in srgb, var(--ink) 24%, var(--paper)); }
.track .mean.measured { border-radius: 0; background: var(--ink); }
.track .parent { inset-block-start: 0.6875rem; inline-size: 2px; block-size: 1.25rem; margin-inline-start: -1px; background: var(--parent); box-shadow: 0 0 0 1px var(--paper); }
.track .letter { inset-block-start: -0.0625rem; inline-size: 1rem; margin-inline-start: -0.5rem; text-align: center; font-size: 0.6875rem; }
.track .compare { inset-block-start: 1.0625rem; inline-size: 0.5rem; block-size: 0.5rem; margin-inline-start: -0.25rem; box-sizing: border-box; border: 1.5px solid var(--compare); background: var(--paper); rotate: 45deg; box-shadow: 0 0 0 1.5px var(--paper); }
.axis { display: grid; grid-template-columns: minmax(4.5rem, 22%) minmax(0, 1fr) minmax(4.75rem, auto) var(--rank, 7rem); column-gap: 1rem; block-size: 1.375rem; border-block-start: 1px solid var(--edge); font-size: 0.6875rem; line-height: 1.375rem; color: var(--ink-soft); font-variant-numeric: tabular-nums; }
.axis div { grid-column: 2; position: relative; margin-inline: 0.4375rem; }
.axis span { position: absolute; inset-inline-start: var(--x); inline-size: 3rem; margin-inline-start: -1.5rem; text-align: center; }
.foot { margin: auto 0 0; padding-block-start: 0.625rem; font-size: 0.75rem; line-height: 1.45; color: var(--ink-soft); text-wrap: pretty; overflow-wrap: anywhere; }
.foot b { color: var(--ink); }
.waiting { white-space: nowrap; }
:host(:dir(rtl)) .foot { text-align: right; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (inline-size < 30em) {
  .row { grid-template: "task value" auto "track track" 2.25rem "rank rank" auto / minmax(0, 1fr) auto; align-items: baseline; padding-block: 0.375rem; column-gap: 0.75rem; }
  .task small { display: inline; margin-inline-start: 0.375rem; }
  .value { flex-direction: row-reverse; align-items: baseline; gap: 0.5rem; }
  .track { translate: none; }
  .rank { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 0.75rem; font-size: 0.8125rem; line-height: 1.2; }
  .rank .unseen { position: static; clip-path: none; overflow: visible; white-space: pre; }
  .axis { display: block; }
}
@container (inline-size < 18em) {
  .row { grid-template: "task" auto "value" auto "track" 2.25rem "rank" auto / minmax(0, 1fr); }
  .value { flex-direction: row; }
}
@media (prefers-reduced-motion: no-preference) {
  .rows :is(.mean, .interval, .compare) { animation: eyas-appear 0.4s calc(var(--at, 0) * 40ms + 0.2s) backwards; }
  .waiting { animation: eyas-breathe 2s infinite alternate; }
}
@keyframes eyas-appear { from { opacity: 0; } }
@keyframes eyas-breathe { to { opacity: 0.75; } }
@media (forced-colors: active) {
  .track > :not(.letter), .diamond { forced-color-adjust: none; }
  .track::before { background: GrayText; }
  .track .interval.interval { background: Canvas; border: 1.5px solid CanvasText; box-sizing: border-box; }
  .track .mean.mean { background: CanvasText; border-color: Canvas; }
  .track .parent { background: CanvasText; box-shadow: 0 0 0 1px Canvas; }
  .track .compare, .diamond { background: Canvas; border-color: CanvasText; box-shadow: 0 0 0 1.5px Canvas; }
}
`;
