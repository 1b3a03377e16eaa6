export default `
.live { flex: auto; display: flex; flex-direction: column; }
.card { --rail: var(--eyas-rail, light-dark(#f3ecdf, #2a241f)); --band: var(--eyas-band, color-mix(in srgb, var(--accent) 45%, var(--paper))); }
.tools { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.875rem; min-block-size: 2.25rem; margin: 0 0 0.625rem; font-size: 0.8125rem; color: var(--ink-soft); }
input { box-sizing: border-box; inline-size: min(100%, 15rem); block-size: 2.25rem; padding: 0 0.75rem; border: 1px solid color-mix(in srgb, var(--ink) 45%, var(--paper)); border-radius: 0.375rem; background: var(--paper); color: var(--ink); font: inherit; font-size: 0.875rem; }
input::placeholder { color: var(--ink-soft); opacity: 1; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.more { margin-inline-start: auto; padding: 0.25rem 0; color: var(--accent); text-decoration: underline; text-underline-offset: 0.2em; }
:is(input, button, .scroller):focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.scroller { flex: auto; max-block-size: calc((var(--rows) + 1.25) * 2.375rem); overflow: auto; overscroll-behavior-x: contain; }
.scroller:focus-visible { outline-offset: -2px; }
table { border-collapse: separate; border-spacing: 0; font-size: 0.9375rem; }
.scroller :is(th, td) { block-size: 2.375rem; box-sizing: border-box; padding: 0 0.5rem; border-block-end: 1px solid var(--edge); white-space: nowrap; }
.scroller thead th { position: sticky; inset-block-start: 0; z-index: 1; background: var(--paper); color: var(--ink-soft); font-size: 0.8125rem; }
.scroller thead button { inline-size: 100%; block-size: 100%; text-align: end; font-weight: 600; }
[aria-sort] button { color: var(--accent); }
[aria-sort] button::before { content: "↓ "; }
[aria-sort="ascending"] button::before { content: "↑ "; }
.scroller .place { inline-size: 3rem; padding-inline-start: 0; color: var(--ink-soft); line-height: 1.2; }
.place i { color: var(--ink-soft); font-style: normal; }
.place small { display: block; font-size: 0.6875rem; }
.apart > * { border-block-start: 1px solid var(--ink-soft); }
.save { text-decoration: underline; text-underline-offset: 0.2em; }
.key { margin: 0.5rem 0 0; font-size: 0.75rem; line-height: 1.45; color: var(--ink-soft); }
.scroller .name { inline-size: 100%; min-inline-size: 10rem; max-inline-size: 0; overflow: hidden; text-overflow: ellipsis; }
.name :is(small, span) { display: block; overflow: hidden; text-overflow: ellipsis; line-height: 1.2; }
.name small { font-size: 0.6875rem; color: var(--ink-soft); }
.score { position: relative; min-inline-size: 4.25rem; }
.score i { position: absolute; inset-inline: 0.5rem; inset-block-end: 0.3125rem; block-size: 2px; background: linear-gradient(var(--band) 0 0) 0 0 / var(--x) 100% no-repeat var(--rail); border-radius: 1px; }
.score i:dir(rtl) { background-position: 100% 0; }
.mean { font-weight: 600; }
.mean small { font-weight: 400; font-size: 0.6875rem; color: var(--ink-soft); }
.scroller .none { padding: 0.75rem 0; text-align: start; white-space: normal; color: var(--ink-soft); }
.fold { float: inline-end; margin-inline-start: 0.5rem; min-inline-size: 1.5rem; line-height: 1.5rem; color: var(--accent); font-size: 0.75rem; }
.setting .name { padding-inline-start: 1.25rem; font-size: 0.875rem; }
.predicted { color: var(--accent); font-style: italic; }
[aria-current] th { font-weight: 700; }
[aria-current] :is(th, td) { background: color-mix(in srgb, var(--accent) 9%, var(--paper)); }
tbody tr:hover :is(th, td) { background: var(--rail); }
.foot { margin: auto 0 0; padding-block-start: 0.75rem; font-size: 0.75rem; line-height: 1.45; color: var(--ink-soft); text-wrap: pretty; overflow-wrap: anywhere; }
.foot b { color: var(--ink); }
.waiting { white-space: nowrap; }
:host(:dir(rtl)) :is(.foot, .name span, .name small) { text-align: right; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@container (inline-size < 30em) { input { inline-size: 100%; font-size: 1rem; } }
@container (inline-size < 18em) {
  .scroller :is(th, td) { padding-inline: 0.25rem 0; }
  .scroller .place { inline-size: 2.25rem; font-size: 0.75rem; }
  .scroller .name { min-inline-size: 4.75rem; }
  .name small { display: none; }
  .name span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; white-space: normal; overflow-wrap: anywhere; font-size: 0.8125rem; }
  .score { min-inline-size: 3rem; }
}
`;
