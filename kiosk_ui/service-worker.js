/**
 * Lets a page come up while the server is away: it keeps the shells of the pages that this browser has opened, and their files.
 * It never sees the API. A shell names the version in every address, so old and new files cannot be mixed, and nothing here
 * changes with a version. Pages come from the server whenever it answers; a shell is only for when it does not.
 */

const SHELLS = "junban-shells";
const FILES = "junban-files";
/** So long a page waits for a server that may be slow rather than away. */
const PATIENCE_MS = 5000;
const PAGE = /^\/(t|line|sign-in|enrol|(kiosk|board|counter|hall)\/[^/]+)?$/;
const FILE = /^\/static\/([0-9a-f]{16})\/(?!fonts\/)/;
/** What a proxy says for a server that is away. */
const AWAY = [502, 503, 504];

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (event) => {
  // Browsers that can are told to leave these alone without waking this worker.
  for (const path of ["/api/*", "/u/*", "/webhooks/*"]) event.addRoutes?.({ condition: { urlPattern: path }, source: "network" })?.catch?.(() => undefined);
  event.waitUntil(worker.skipWaiting());
});

worker.addEventListener("activate", (event) => event.waitUntil(prune()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && PAGE.test(url.pathname)) event.respondWith(page(event, url.pathname));
  else if (FILE.test(url.pathname) && !url.search) event.respondWith(file(event));
});

/** A page names what it was made of, so that the next start finds it: its first visit came past this worker. */
worker.addEventListener("message", (event) => {
  const { shell, files } = event.data ?? {};
  if (!PAGE.test(shell ?? "") || !Array.isArray(files)) return;
  event.waitUntil(Promise.all([keepShell(shell), ...files.filter((path) => FILE.test(path)).map(keepFile)]).catch(() => undefined));
});

/**
 * @param {any} event
 * @param {string} path never the query or the fragment, where a secret may be
 */
async function page(event, path) {
  const shells = await caches.open(SHELLS);
  const kept = await shells.match(path);
  const asked = fetch(event.request);
  event.waitUntil(asked.then((answer) => store(path, answer.clone())).catch(() => undefined));
  if (!kept) return asked;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
  const answer = await Promise.race([asked, late]).catch(() => null);
  return answer && !AWAY.includes(answer.status) ? answer : kept;
}

/** @param {any} event */
async function file({ request }) {
  const files = await caches.open(FILES);
  const kept = await files.match(request.url, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (isOurs(answer)) await files.put(request.url, answer.clone()).catch(() => undefined);
  return answer;
}

/** @param {string} path */
async function keepShell(path) {
  await store(path, await fetch(path, { credentials: "same-origin" }));
}

/** @param {string} path */
async function keepFile(path) {
  const files = await caches.open(FILES);
  const url = new URL(path, location.origin).href;
  if (await files.match(url, { ignoreVary: true })) return;
  const answer = await fetch(url);
  if (isOurs(answer)) await files.put(url, answer);
}

/**
 * Only a file of the version that its address names is kept.
 * @param {Response} answer
 */
const isOurs = (answer) => answer.ok && (answer.headers.get("cache-control") ?? "").includes("immutable");

/**
 * @param {string} path
 * @param {Response} answer
 */
async function store(path, answer) {
  if (answer.status !== 200 || answer.redirected || !(answer.headers.get("content-type") ?? "").startsWith("text/html")) return;
  const shells = await caches.open(SHELLS);
  const before = await versionOf(await shells.match(path));
  const now = await versionOf(answer.clone());
  // Something that stands in for the server, such as a sign-in page of the network, is no shell.
  if (!now) return;
  await shells.put(path, answer);
  if (before && before !== now) await prune();
}

/** @param {Response | undefined} shell */
async function versionOf(shell) {
  return shell ? /\/static\/([0-9a-f]{16})\//.exec(await shell.text())?.[1] : undefined;
}

/** Files that no kept shell names are of no more use. */
async function prune() {
  const shells = await caches.open(SHELLS);
  const files = await caches.open(FILES);
  const named = new Set(await Promise.all((await shells.matchAll()).map(versionOf)));
  const old = (await files.keys()).filter((request) => !named.has(FILE.exec(new URL(request.url).pathname)?.[1]));
  await Promise.all(old.map((request) => files.delete(request)));
}
