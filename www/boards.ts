// The list of public boards, loaded when the visitor opens it. A board is fetched only when the visitor asks for it.

import { html, LitElement, nothing, type TemplateResult } from "lit";
import listed from "../data/boards.json";
import { fromBoard } from "./other-sources.ts";
import { hubName, leaderboard } from "./hub.ts";
import type { DataSource, Session } from "./session.ts";
import "./style/boards.css";
import type { Actions } from "./data-panel.ts";

/** A board of `data/boards.json`. */
export interface Board {
  id: string;
  name: string;
  /** The addresses of its files, which make one snapshot together. */
  urls: string[];
  /** The form of the files in words. */
  form: string;
  license: string;
  /** The day of publication; `null` if the files change at the same address. */
  date: string | null;
  /** The approximate size in bytes. */
  bytes: number | null;
  /** Whether the server lets this page read the files. */
  cors: boolean;
  /** The day on which the addresses were last seen to work; `null` if nobody has checked them. */
  seen: string | null;
  note: string;
}

const boards = (listed as Board[]).filter(({ cors }) => cors);

class Boards extends LitElement {
  static override properties = {
    session: { attribute: false, hasChanged: () => true },
    actions: { attribute: false, hasChanged: () => false },
  };
  declare session: Session;
  declare actions: Actions;

  /** The data sources of the boards, the same each time, so that a failure is found at its board. */
  readonly #sources = new Map<string, DataSource>();

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  protected override render(): TemplateResult {
    return html`
      <p class="help">Results that others publish. Nothing is fetched before you ask for it; the licence of a board holds for its results.</p>
      <ul>
        ${boards.map((board) => this.#board(board))}
      </ul>
    `;
  }

  #board(board: Board): TemplateResult {
    const { id, name, note, license, form, bytes, seen } = board;
    const source = this.#source(board);
    const { candidate, current, failure } = this.session;
    const is = (other: DataSource | undefined): boolean => other?.name === source.name;
    const reads = is(candidate?.dataSource) && candidate?.stage === "reading";
    const about = [`licence ${license}`, form, bytes === null ? "" : size(bytes), `last seen working: ${seen ?? "unverified"}`];
    return html`
      <li>
        <h3>${name}</h3>
        <button
          type="button"
          aria-label=${`Fetch ${name}`}
          aria-describedby=${`about-${id}`}
          aria-busy=${reads ? "true" : "false"}
          @click=${() => { this.actions.retry(source); }}
        >
          Fetch
        </button>
        <p id=${`about-${id}`}>
          ${note}
          <small>${about.filter(Boolean).join(" · ")}</small>
          <small>from ${id === OPEN_LLM ? hubName : hosts(board)}${reads ? ": reading…" : is(current?.dataSource) && !is(candidate?.dataSource) ? ": in use" : ""}</small>
        </p>
        ${is(failure?.dataSource) ? html`<p class="mistake">${failure?.text}</p>` : nothing}
      </li>
    `;
  }

  #source(board: Board): DataSource {
    const known = this.#sources.get(board.id) ?? (board.id === OPEN_LLM ? leaderboard : fromBoard(board));
    this.#sources.set(board.id, known);
    return known;
  }
}

customElements.define("eyas-boards", Boards);

/** The board that the page fetches from the hub or its mirror, and keeps. */
const OPEN_LLM = "open-llm-leaderboard";

function size(bytes: number): string {
  return bytes < 1e6 ? `about ${Math.max(Math.round(bytes / 1e3), 1)} KB` : `about ${(bytes / 1e6).toFixed(1)} MB`;
}

function hosts({ urls }: Board): string {
  return [...new Set(urls.map((url) => new URL(url).host))].join(", ");
}
