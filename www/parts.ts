// Links between a view of the bar and the one below it.

import { html, type TemplateResult } from "lit";
import "./style/parts.css";

export function parts(links: readonly (readonly [href: string, name: string, isHere: boolean])[]): TemplateResult {
  return html`<nav class="parts" aria-label="Parts of this view">${links.map(([href, name, isHere]) => html`<a href=${href} aria-current=${isHere ? "page" : "false"}>${name}</a>`)}</nav>`;
}
