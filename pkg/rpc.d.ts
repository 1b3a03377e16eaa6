/**
 * The functions of a worker as the page calls them: each returns a promise. For a function with overloads, only the last two overloads
 * are available.
 */
export type Calls<T> = { readonly [Name in keyof T]: Promised<T[Name]> };

type Promised<F> = F extends { (...args: infer A): infer R; (...args: infer B): infer S }
  ? { (...args: A): Promise<Awaited<R>>; (...args: B): Promise<Awaited<S>> }
  : F extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;

/** Marks `value`, an argument or a result of a call, so that `buffers` are transferred with it and not copied. Returns `value`. */
export function transfer<T extends object>(value: T, buffers: Transferable[]): T;

/** In the worker: serves the functions of `calls` to the page, and reports that the worker is ready. */
export function serve(calls: object): void;

/** Creates a worker by `start`, and resolves once it serves. Rejects if the worker cannot start. */
export function started(start: () => Worker): Promise<Worker>;

/** A worker, as seen from the page. */
export class Remote<T> {
  /**
   * @param trains Whether a call trains. While such a call is pending, the worker may leave pings unanswered for ten minutes, otherwise
   * for one minute.
   */
  constructor(worker: Promise<Worker>, trains: (name: string, args: unknown[]) => boolean);
  /** The error of all pending and later calls, once the worker has ended. `died` is true if it crashed or did not answer. */
  readonly ended: (Error & { kind?: "cancelled"; died?: true }) | undefined;
  readonly calls: Calls<T>;
  /** Terminates the worker. All pending and later calls reject with `reason`; default: an error of kind `cancelled`. */
  end(reason?: Error): void;
}
