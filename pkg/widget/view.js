// What both elements do: take a lease of the model that the attributes name, ask it, draw, and tell the page.

import { Lease } from "./lease.js";

export class View {
  #lease;
  #key;
  #told;
  #turn = 0;
  #queued = false;

  constructor(element, live, page, style) {
    this.element = element;
    this.live = live;
    this.page = page;
    element.shadowRoot.adoptedStyleSheets.push(style);
  }

  /** Answers to what the attributes say now; several changes at once make one question. */
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
    this.#leave();
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
      if (source) this.#tell(this.event, answer);
    } catch (error) {
      if (stale()) return;
      // The next change of an attribute tries anew.
      this.#leave();
      this.page.fail(error);
    }
    this.live.removeAttribute("aria-busy");
  }

  async #answer(source, stale) {
    const key = JSON.stringify(source);
    if (key !== this.#key) {
      const before = this.#lease;
      this.#key = key;
      this.#lease = new Lease(source, (progress) => this.#wait(progress));
      before?.release();
      this.#wait();
    }
    const lease = this.#lease;
    const opened = await lease.opened;
    if (stale()) return undefined;
    if (this.#told !== lease) {
      this.#told = lease;
      this.#tell("eyas-ready", opened);
    }
    return this.ask(lease);
  }

  #source() {
    const { modelFile, snapshot } = this.element;
    if (modelFile) return { model: this.address(modelFile) };
    return snapshot ? { snapshot: this.address(snapshot) } : undefined;
  }

  /** An address as the page means it. */
  address(text) {
    if (!URL.canParse(text, document.baseURI)) throw new Error(`"${text}" is no address`);
    return new URL(text, document.baseURI).href;
  }

  list(text) {
    return (text ?? "").split(/[,\n]/).map((part) => part.trim()).filter(Boolean);
  }

  /** Until there is an answer: what stands in the page, or else empty rows. */
  #wait(progress) {
    const { element, live } = this;
    // What is shown stays until something better is there.
    const shown = live.children.length > 0 && !live.querySelector(".waiting");
    if (shown || this.page.filled()) return;
    this.page.live();
    if (!live.querySelector(".waiting")) live.replaceChildren(...this.empty(), this.page.tag("p", { class: "foot waiting" }));
    const done = progress && Math.min(progress.epoch / progress.maxEpochs, 1);
    const share = new Intl.NumberFormat(this.page.language(element), { style: "percent" }).format(done ?? 0);
    live.querySelector(".waiting").textContent = progress
      ? `Learning from published results, ${share}`
      : "Loading published results…";
  }

  #leave() {
    this.#lease?.release();
    this.#lease = undefined;
    this.#key = undefined;
    this.#told = undefined;
  }

  #tell(name, detail) {
    this.element.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}
