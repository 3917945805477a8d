// Stands in the place of begin.js under `guide.py serve`: takes leave of the service worker of a site that was built and looked
// at on the same address before, so that pages come as they are written.
(async () => {
  "use strict";

  const worker = await navigator.serviceWorker?.getRegistration();
  if (!worker) return;
  const kept = async () => (await caches.keys()).filter((name) => name.startsWith(`${worker.scope} `));
  const empty = async () => Promise.all((await kept()).map((name) => caches.delete(name)));
  // Without such caches it belongs to something else.
  if (!(await kept()).length) return;
  await worker.unregister();
  await empty();
  // This page still has it, and what it was about to keep brings a cache back.
  for (const seconds of [1, 5, 20]) setTimeout(() => empty().catch(() => {}), seconds * 1000);
})().catch(() => {});
