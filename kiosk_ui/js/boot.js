/** Runs on its own, whatever becomes of the page's modules: a page that does not come up is loaded again, and one that does is kept for a start without the server. */

(() => {
  const READY_MS = 30_000;
  const UPDATE_MS = 3_600_000;

  const isReady = () => document.body?.classList.contains("is-ready");

  /** A module that got lost on the way leaves a blank page; nobody stands at a board to reload it. */
  setTimeout(() => isReady() || location.reload(), READY_MS * (1 + Math.random()));

  if (!("serviceWorker" in navigator)) return;

  addEventListener("load", () => {
    navigator.serviceWorker.register("/service-worker.js").then(
      (registration) => setInterval(() => registration.update().catch(() => undefined), UPDATE_MS),
      () => undefined,
    );
    const waiting = setInterval(() => {
      if (!isReady()) return;
      clearInterval(waiting);
      setTimeout(keep, 500);
    }, 250);
  });

  /** The files that this page was made of; the worker fetches them from the browser's own cache. */
  async function keep() {
    const { active } = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map((entry) => new URL(entry.name))
      .filter((url) => url.origin === location.origin && url.pathname.startsWith("/static/") && !url.search)
      .map((url) => url.pathname);
    active?.postMessage({ shell: location.pathname, files: [...new Set(files)] });
  }
})();
