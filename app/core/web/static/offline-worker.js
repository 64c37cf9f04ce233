/* Answers for the counter's offline page while there is no network: that page and its scripts, nothing else. */
const PAGE = self.registration.scope;
const KEPT = `offline counter ${new URL(PAGE).pathname}`;
const PATIENCE_MS = 4000; // a network that hangs is none

self.addEventListener("install", (event) => event.waitUntil(keepAll().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method !== "GET" || origin !== location.origin) return;
  if (mode === "navigate" && pathname === new URL(PAGE).pathname) event.respondWith(page(event));
  else if (pathname.startsWith("/static/")) event.respondWith(asset(event.request));
});

// The newest one where there is a network; a way to the login is shown and not kept.
async function page(event) {
  const kept = await (await caches.open(KEPT)).match(PAGE);
  try {
    const answer = await inTime(fetch(event.request), kept);
    if (answer.ok) event.waitUntil(keepAll().catch(() => {}));
    return isOurs(answer) || !kept ? answer : kept;
  } catch {
    return kept ?? Response.error();
  }
}

// What a proxy says in our place carries no number of a request. A redirect is followed by the browser.
function isOurs(answer) {
  return answer.type === "opaqueredirect" || (answer.status < 500 && answer.headers.has("X-Request-ID"));
}

async function asset(request) {
  const kept = await (await caches.open(KEPT)).match(request, { ignoreSearch: true });
  try {
    const answer = await inTime(fetch(request), kept);
    return answer.ok || !kept ? answer : kept;
  } catch {
    return kept ?? Response.error();
  }
}

function inTime(asked, kept) {
  if (!kept) return asked;
  const patience = new Promise((_, refuse) => setTimeout(() => refuse(new Error("too slow")), PATIENCE_MS));
  return Promise.race([asked, patience]);
}

// The page says itself which files it needs; they are kept together, so that they fit each other.
async function keepAll() {
  const answer = await fetch(PAGE, { credentials: "same-origin", cache: "no-store" });
  if (!answer.ok || answer.redirected || !isOurs(answer)) throw new Error("not the page");
  const text = await answer.clone().text();
  const files = [...text.matchAll(/(?:src|href)="(\/static\/[^"]+)"/g)].map((match) => match[1]);
  const kept = await caches.open(KEPT);
  await kept.addAll([...new Set(files)]);
  await kept.put(PAGE, answer);
}
