// The page without a network: a service worker keeps what it needs, once the first forecast is there.

/** Resolves when the browser has nothing more important to do. */
export function whenIdle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => { resolve(); }, { timeout: 3000 });
    else setTimeout(resolve, 1000);
  });
}

/** Registers the service worker of the built page. A browser without one, or that forbids it, goes on as before. */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  await whenIdle();
  await navigator.serviceWorker.register(new URL("sw.js", document.baseURI)).catch(() => undefined);
}
