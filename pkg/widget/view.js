// The common part of both elements: it takes a lease of the model that the attributes name, asks it, draws the answer and dispatches
// the events.

import { Lease } from "./lease.js";

export class View {
  #lease;
  #key;
  #readyFor;
  #turn = 0;
  #queued = false;

  constructor(element, live, page, style) {
    this.element = element;
    this.live = live;
    this.page = page;
    element.shadowRoot.adoptedStyleSheets.push(style);
  }

  /** Updates the view after a change of attributes; several changes at once cause one question. */
  update() {
    if (this.#queued) return;
    this.#queued = true;
    queueMicrotask(() => {
      this.#queued = false;
      if (this.element.isConnected) void this.#run();
    });
  }

  close() {
    this.#turn++;
    this.#release();
  }

  async #run() {
    const turn = ++this.#turn;
    const stale = () => turn !== this.#turn;
    this.live.setAttribute("aria-busy", "true");
    try {
      const source = this.#source();
      const { data } = this.element;
      if (!source && !data) throw new Error("the element names neither a snapshot nor a model-file");
      const answer = source ? await this.#answer(source, stale) : data;
      if (stale()) return;
      this.draw(answer);
      this.page.live();
      if (source) this.#dispatch(this.event, answer);
    } catch (error) {
      if (stale()) return;
      // After this the next change of an attribute tries again.
      this.#release();
      this.page.fail(error);
    }
    this.live.removeAttribute("aria-busy");
  }

  async #answer(source, stale) {
    const key = JSON.stringify(source);
    if (key !== this.#key) {
      const previous = this.#lease;
      this.#key = key;
      this.#lease = new Lease(source, (progress) => this.#showProgress(progress));
      previous?.release();
      this.#showProgress();
    }
    const lease = this.#lease;
    const opened = await lease.opened;
    if (stale()) return undefined;
    if (this.#readyFor !== lease) {
      this.#readyFor = lease;
      this.#dispatch("eyas-ready", opened);
    }
    return this.ask(lease);
  }

  #source() {
    const { modelFile, snapshot } = this.element;
    if (modelFile) return { model: this.address(modelFile) };
    return snapshot ? { snapshot: this.address(snapshot) } : undefined;
  }

  /** The absolute form of an address, which may be relative to the page. */
  address(text) {
    if (!URL.canParse(text, document.baseURI)) throw new Error(`"${text}" is not an address`);
    return new URL(text, document.baseURI).href;
  }

  list(text) {
    return (text ?? "").split(/[,\n]/).map((part) => part.trim()).filter(Boolean);
  }

  /** Shows empty rows and the progress until there is an answer, unless the page has content of its own. */
  #showProgress(progress) {
    const { element, live } = this;
    // An earlier answer remains until the new one replaces it.
    const answered = live.children.length > 0 && !live.querySelector(".waiting");
    if (answered || this.page.filled()) return;
    this.page.live();
    if (!live.querySelector(".waiting")) live.replaceChildren(...this.empty(), this.page.tag("p", { class: "foot waiting" }));
    const done = progress && Math.min(progress.epoch / progress.maxEpochs, 1);
    const share = new Intl.NumberFormat(this.page.language(element), { style: "percent" }).format(done ?? 0);
    live.querySelector(".waiting").textContent = progress
      ? `Training on published results, ${share}`
      : "Loading published results…";
  }

  #release() {
    this.#lease?.release();
    this.#lease = undefined;
    this.#key = undefined;
    this.#readyFor = undefined;
  }

  #dispatch(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
