// Stands in the place of begin.js under `guide.py serve`: takes leave of the service worker of a site that was built and looked
// at on the same address before, so that pages come as they are written.
(async () => {
  "use strict";

  const worker = await navigator.serviceWorker?.getRegistration();
  const kept = worker ? (await caches.keys()).filter((name) => name.startsWith(`${worker.scope} `)) : [];
  // Without such caches it belongs to something else.
  if (!kept.length) return;
  await worker.unregister();
  await Promise.all(kept.map((name) => caches.delete(name)));
})().catch(() => {});
