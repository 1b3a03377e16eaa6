// Loads the WebAssembly modules and manages their instances. A module is fetched and compiled when it is first needed. Each instance
// has its own memory, so that a failure in one affects no other.

import { BUILDS, bindings } from "./modules.js";

/** Modules with one instruction of SIMD and of relaxed SIMD: they are valid only if the engine supports it. */
const SIMD_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
);
const RELAXED_MODULE = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2,
  253, 133, 2, 11,
);

let fetchBuild;
let chosen;
/** By module name: promises that resolve once the module is compiled. */
const loading = new Map();
/** By name of a compiled module: a function that makes an instance. */
export const loaded = {};
/** By module name: an instance that can be used again. */
const idle = new Map();
/** Largest memory, in bytes, of an instance that is kept for later use; larger ones are dropped, since memory never shrinks. */
const MOST_KEPT = 2 ** 26;

/** Sets the function that returns the address, the bytes or a `Response` for a build of a module. Later calls have no effect. */
export function provide(fetch) {
  fetchBuild ??= fetch;
}

/** Loads modules ahead of time; by default those that most programs need. */
export async function start(build, { modules: names = ["tables", "texts", "trainer", "forecast"] } = {}) {
  chosen ??= build;
  await Promise.all(names.map(load));
}

/** Loads a module, unless it is loaded already. After a failure, such as a missing network, the next call tries again. */
export function load(name) {
  if (!loading.has(name)) {
    const promise = fetchAndCompile(name).catch((error) => {
      loading.delete(name);
      throw error;
    });
    loading.set(name, promise);
  }
  return loading.get(name);
}

async function fetchAndCompile(name) {
  if (typeof WebAssembly !== "object") throw new Error("WebAssembly is not available here");
  chosen ??= WebAssembly.validate(RELAXED_MODULE) ? "relaxed" : WebAssembly.validate(SIMD_MODULE) ? "simd" : "plain";
  const [{ default: glue }, module] = await Promise.all([bindings[name](), fetchBuild(buildOf(name)).then(compile)]);
  loaded[name] = (queue) => {
    const { imports, begin } = glue(queue);
    return begin(new WebAssembly.Instance(module, imports));
  };
}

async function compile(source) {
  const found = source instanceof URL ? await fetch(source) : source;
  if (!(found instanceof Response)) return WebAssembly.compile(found);
  if (!found.ok) throw new Error(`${found.url}: the server answered ${found.status} ${found.statusText}`.trim());
  const isPage = found.headers.get("content-type")?.startsWith("text/html");
  if (isPage) throw new Error(`${found.url} is a page and no module; exclude eyas from Vite's optimizeDeps`);
  // Browsers compile a stream only if the server sends the right media type.
  const streams = found.headers.get("content-type")?.startsWith("application/wasm");
  return streams ? WebAssembly.compileStreaming(found) : WebAssembly.compile(await found.arrayBuffer());
}

/** The name of the chosen build of a module, or of the fastest one that the module has. */
function buildOf(name) {
  const builds = BUILDS[name];
  if (!builds) return name;
  return `${name}_${builds.includes(chosen) ? chosen : builds[0]}`;
}

/**
 * An instance of a module, for one task at a time or for one trained model. A trap becomes an error of the call that caused it. After
 * a trap the instance is not used again, since its memory may be inconsistent; other instances are not affected.
 */
class Instance {
  /** The size of its input, for error messages. */
  inputSize;
  #exports;
  #lost = false;
  #rejectTrap;
  #trap = new Promise((_, reject) => (this.#rejectTrap = reject));

  constructor(name) {
    // Without this, a trap while no call is pending would be reported as an unhandled rejection.
    this.#trap.catch(() => {});
    // Asynchronous functions continue in microtasks, where no caller can catch a trap.
    this.#exports = loaded[name]((task) =>
      queueMicrotask(() => {
        try {
          task();
        } catch (error) {
          this.#rejectTrap(this.#asError(error));
        }
      }),
    );
  }

  call(work) {
    if (this.#lost) throw failure("lost", "the model was lost in an earlier failure; train or load it again");
    try {
      return work(this.#exports);
    } catch (error) {
      throw this.#asError(error);
    }
  }

  /** The same for `work` that returns a promise. */
  callAsync(work) {
    return Promise.race([this.#trap, this.call(work)]);
  }

  get memory() {
    return this.#exports.memory.buffer.byteLength;
  }

  /** Turns a trap into an error with a message; returns any other error unchanged. */
  #asError(error) {
    const trap = error instanceof WebAssembly.RuntimeError || /call stack|recursion/.test(error?.message);
    if (error?.kind || !trap) return error;
    this.#lost = true;
    const memory = Math.round(this.memory / 2 ** 20);
    return failure(
      "computation",
      `this could not be computed here: it ran out of memory or met a fault of the program, with ${memory} MB in use; ${this.inputSize}`,
      { cause: error },
    );
  }
}

/** Returns an instance of a loaded module: an idle one, or a new one. `inputSize` appears in error messages. */
export function acquire(name, inputSize) {
  const instance = idle.get(name) ?? new Instance(name);
  idle.delete(name);
  return Object.assign(instance, { inputSize });
}

/** Keeps an instance for later use after a call that succeeded. */
export function release(name, instance) {
  if (instance.memory <= MOST_KEPT) idle.set(name, instance);
}

/** Loads a module and runs `work`, which returns a promise, in an instance of it. */
export async function run(name, inputSize, work) {
  await load(name);
  const instance = acquire(name, inputSize);
  const result = await instance.callAsync(work);
  release(name, instance);
  return result;
}

export function failure(kind, message, options) {
  return Object.assign(new Error(message, options), { kind });
}
