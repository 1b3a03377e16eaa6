// The page without a network. The build replaces the version and the list; `www/build.mjs` says what is in it.

const CACHE = "eyas-page-VERSION";
const FILES = ["FILES"];

// A new version waits until the pages of the old one are closed, since these may still need their files.
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("eyas-page-") && name !== CACHE;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)))));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const scope = new URL(self.registration.scope);
  if (request.method !== "GET" || !url.href.startsWith(scope.href)) return;
  // Names of assets have a hash of their content, so a kept one is current.
  const isAsset = url.pathname.startsWith(`${scope.pathname}assets/`);
  const isPage = request.mode === "navigate" && [scope.pathname, `${scope.pathname}index.html`].includes(url.pathname);
  if (isAsset) event.respondWith(keptOrFetched(request));
  else event.respondWith(fetchedOrKept(request, isPage ? scope.href : request));
});

async function keptOrFetched(request) {
  const cache = await caches.open(CACHE);
  const kept = await cache.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await cache.put(request, response.clone());
  return response;
}

async function fetchedOrKept(request, key) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(CACHE)).match(key);
    if (kept) return kept;
    throw error;
  }
}
