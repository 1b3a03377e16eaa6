// The wasm modules at run time: each is fetched and compiled when it is needed first, and what works in it is an instance of its own,
// with its own memory, so that a failure in one touches no other.

import { BUILDS, bindings } from "./modules.js";

/** Modules with one function that uses an instruction of SIMD, and of relaxed SIMD: they validate where that is there. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);
const RELAXED_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2,
  253, 133, 2, 11,
);

let find;
let chosen;
/** Promises of compiled modules by name. */
const started = new Map();
/** Of those that are compiled: what makes an instance. */
export const ready = {};
/** Instances of modules that have done their work and wait for more. */
const idle = new Map();
/** Bytes of memory with which an instance is kept; what is larger goes, since memory never shrinks. */
const KEPT = 2 ** 26;

/** An entry names its way to a build of a module: an address, bytes or a `Response`. The first entry that is loaded wins. */
export function provide(way) {
  find ??= way;
}

/** Starts modules ahead of time, to hide their loading; without names those that most programs need. */
export async function start(build, { modules: names = ["tables", "texts", "trainer", "forecast"] } = {}) {
  chosen ??= build;
  await Promise.all(names.map(need));
}

/** Sees to it that instances of a module can be made. */
export function need(name) {
  if (!started.has(name)) {
    // A failed start (no network) is not kept, so that the next call tries again.
    const starting = load(name).catch((error) => {
      started.delete(name);
      throw error;
    });
    started.set(name, starting);
  }
  return started.get(name);
}

async function load(name) {
  if (typeof WebAssembly !== "object") throw new Error("WebAssembly is not to be had here");
  chosen ??= WebAssembly.validate(RELAXED_MODULE) ? "relaxed" : WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain";
  const [{ default: glue }, module] = await Promise.all([bindings[name](), find(build(name)).then(compiled)]);
  ready[name] = (queue) => {
    const { imports, begin } = glue(queue);
    return begin(new WebAssembly.Instance(module, imports));
  };
}

async function compiled(place) {
  const found = place instanceof URL ? await fetch(place) : place;
  if (!(found instanceof Response)) return WebAssembly.compile(found);
  if (!found.ok) throw new Error(`${found.url}: the server answered ${found.status} ${found.statusText}`.trim());
  // Some servers send another type, which browsers do not compile while it comes.
  const typed = found.headers.get("content-type")?.startsWith("application/wasm");
  return typed ? WebAssembly.compileStreaming(found) : WebAssembly.compile(await found.arrayBuffer());
}

/** The name of the build of a module: the one that was chosen, or the next one that the module has. */
function build(name) {
  const builds = BUILDS[name];
  if (!builds) return name;
  return `${name}_${builds.includes(chosen) ? chosen : builds[0]}`;
}

/**
 * An instance of a module, for one piece of work at a time or for one trained model. A trap in it becomes an error of the call that
 * caused it. After that the instance is not used again, since nothing in its memory can be trusted; all other instances go on.
 */
class Instance {
  /** What it works on, for messages. */
  about;
  #exports;
  #lost = false;
  #fail;
  #failure = new Promise((_, reject) => (this.#fail = reject));

  constructor(name) {
    // Nobody may be waiting.
    this.#failure.catch(() => {});
    // Asynchronous work continues in tasks of its own, where nobody would catch a trap.
    this.#exports = ready[name]((task) =>
      queueMicrotask(() => {
        try {
          task();
        } catch (error) {
          this.#fail(this.#asError(error));
        }
      }),
    );
  }

  call(work) {
    if (this.#lost) throw raised("lost", "the model was lost in an earlier failure; train or load it again");
    try {
      return work(this.#exports);
    } catch (error) {
      throw this.#asError(error);
    }
  }

  /** The same where the work promises its result. */
  wait(work) {
    return Promise.race([this.#failure, this.call(work)]);
  }

  get memory() {
    return this.#exports.memory.buffer.byteLength;
  }

  /** A trap in words; any other error as it is. */
  #asError(error) {
    const trap = error instanceof WebAssembly.RuntimeError || /call stack|recursion/.test(error?.message);
    if (error?.kind || !trap) return error;
    this.#lost = true;
    const taken = Math.round(this.memory / 2 ** 20);
    return raised(
      "computation",
      `this could not be computed here: it ran out of memory or met a fault of the program, with ${taken} MB in use; ${this.about}`,
      { cause: error },
    );
  }
}

/** An instance for work on something. */
export function take(name, about) {
  const instance = idle.get(name) ?? new Instance(name);
  idle.delete(name);
  return Object.assign(instance, { about });
}

/** Keeps an instance after work that went well. */
export function keep(name, instance) {
  if (instance.memory <= KEPT) idle.set(name, instance);
}

/** Has a module do work that promises its result. */
export async function done(name, about, work) {
  await need(name);
  const instance = take(name, about);
  const result = await instance.wait(work);
  keep(name, instance);
  return result;
}

export function raised(kind, message, options) {
  return Object.assign(new Error(message, options), { kind });
}
