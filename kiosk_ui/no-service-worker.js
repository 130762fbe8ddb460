/** Sent in place of the service worker when it is switched off: removes what an earlier one has kept, and itself. */

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));

worker.addEventListener("activate", (event) => event.waitUntil(remove()));

async function remove() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("junban-")).map((name) => caches.delete(name)));
  await worker.registration.unregister();
}
