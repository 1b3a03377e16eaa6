/** The worker's functions as the page calls them: each returns a promise. Of a function with overloads the last two are kept. */
export type Calls<T> = { readonly [Name in keyof T]: Promised<T[Name]> };

type Promised<F> = F extends { (...args: infer A): infer R; (...args: infer B): infer S }
  ? { (...args: A): Promise<Awaited<R>>; (...args: B): Promise<Awaited<S>> }
  : F extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;

export function transfer<T extends object>(value: T, buffers: Transferable[]): T;
export function serve(calls: object): void;
export function started(start: () => Worker): Promise<Worker>;

export class Remote<T> {
  constructor(worker: Promise<Worker>, trains: (name: string, args: unknown[]) => boolean);
  readonly ended: (Error & { kind?: "cancelled"; died?: true }) | undefined;
  readonly calls: Calls<T>;
  end(reason?: Error): void;
}
