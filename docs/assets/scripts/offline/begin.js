// Registers the service worker once the page stands and the browser has nothing else to do.
// A classic script without imports, for the same reason as progress.js; pages opened from a folder have no service worker.
(() => {
  "use strict";

  const { worker, keeper } = document.currentScript.dataset;
  if (!worker || !/^http/.test(location.protocol) || !navigator.serviceWorker) return;
  const idle = globalThis.requestIdleCallback ?? setTimeout;

  function begin() {
    // Who saves data has not asked for this.
    if (!navigator.connection?.saveData) navigator.serviceWorker.register(worker).catch(() => {});
    try {
      // Who keeps everything gets what is new, once a visit.
      if (!localStorage.getItem("study-guide-offline") || sessionStorage.getItem("study-guide-offline")) return;
      sessionStorage.setItem("study-guide-offline", "1");
    } catch {
      return;
    }
    if (document.querySelector("[data-keep]")) return;
    const script = document.createElement("script");
    script.src = keeper;
    document.head.append(script);
  }
  addEventListener("load", () => idle(begin));
})();
