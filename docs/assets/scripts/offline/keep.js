// Keeps the whole guide on this device when the reader asks for it, and what is new of it from then on; on the page that says
// that there is no network, lists what was kept. The service worker answers from the same cache.
(() => {
  "use strict";

  const ROOT = new URL(".", new URL(document.querySelector("[data-worker]").dataset.worker, location)).href;
  const WORKER = `${ROOT}sw.js`;
  const KEPT = `${ROOT} kept`;
  // The version that was kept whole; empty while it is not.
  const WISH = "study-guide-offline";
  const AT_ONCE = 6;

  const control = document.querySelector("[data-keep]");
  const find = (name) => control.querySelector(`[data-keep-${name}]`);

  /** What ends the work: no "room", no "network", "refused" by the browser, "changed" on the server, or "stopped". */
  class End extends Error {}

  /* Keeping ---------------------------------------------------------------------------------------------------- */

  async function digest(response) {
    const hash = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
    return Array.from(new Uint8Array(hash).slice(0, 8), (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function fetched(address, cache, signal) {
    let response;
    try {
      response = await fetch(address, { cache, signal });
    } catch {
      throw new End(signal.aborted ? "stopped" : "network");
    }
    if (response.status === 404) throw new End("changed");
    if (!response.ok) throw new End("network");
    return response;
  }

  /** One file; `sum` is empty where the name tells the content. `trusted`: the server is known to change pages by itself. */
  async function keepFile(kept, [path, , sum], trusted, signal) {
    const address = ROOT + path.replace(/(^|\/)index\.html$/, "$1");
    const there = await kept.match(address, { ignoreVary: true });
    if (there && (!sum || (await digest(there)) === sum)) return;
    const response = await fetched(address, sum ? "no-cache" : "default", signal);
    if (sum && !trusted && (await digest(response.clone())) !== sum) throw new End("changed");
    try {
      await kept.put(address, response);
    } catch (error) {
      throw new End(signal.aborted ? "stopped" : error.name === "QuotaExceededError" ? "room" : "refused");
    }
  }

  /** All `files`, a few at a time; `tell` is given the bytes of each. */
  async function keepFiles(kept, files, trusted, signal, tell) {
    const rest = [...files].reverse();
    const lane = async () => {
      while (rest.length) {
        const file = rest.pop();
        try {
          if (signal.aborted) throw new End("stopped");
          await keepFile(kept, file, trusted, signal);
        } catch (end) {
          rest.length = 0;
          throw end;
        }
        tell(file[1]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  const list = async (signal) => (await fetched(`${ROOT}everything.json`, "no-cache", signal)).json();

  /** Keeps everything; `tell` is given what is done and what there is, in bytes. Gives the list. */
  async function keepAll(signal, tell) {
    let known = "";
    for (let tries = 0; ; tries++) {
      const all = await list(signal);
      const estimate = (await navigator.storage?.estimate?.()) ?? {};
      const kept = await caches.open(KEPT);
      const have = (await kept.keys()).length / all.files.length;
      if (estimate.quota - estimate.usage < all.bytes * Math.max(0, 1 - have)) throw new End("room");
      let done = 0;
      const count = (bytes) => tell((done += bytes), all.bytes);
      try {
        await navigator.locks.request(KEPT, { mode: "shared" }, async () => {
          // A page comes after all that it may ask for.
          for (const summed of [false, true]) {
            await keepFiles(kept, all.files.filter((file) => Boolean(file[2]) === summed), known === all.version, signal, count);
          }
        });
        await leaveOut(kept, all);
        return all;
      } catch (end) {
        // A new edition came while this one was fetched, or the server adds to pages what the build did not put there.
        if (end.message !== "changed" || tries === 3) throw end;
        known = all.version;
      }
    }
  }

  /** Pages that there were and that are no more. */
  async function leaveOut(kept, all) {
    const there = new Set(all.files.map(([path]) => ROOT + path.replace(/(^|\/)index\.html$/, "$1")));
    for (const { url } of await kept.keys()) if (!there.has(url) && url.endsWith("/")) await kept.delete(url);
  }

  const wish = (value) => {
    try {
      if (value === undefined) return localStorage.getItem(WISH);
      if (value === null) localStorage.removeItem(WISH);
      else localStorage.setItem(WISH, value);
    } catch {
      // then it is kept once and not renewed
    }
    return null;
  };

  /* What is seen of it ----------------------------------------------------------------------------------------- */

  const megabytes = (bytes) => Math.round(bytes / 1e6);
  let stopping = null;

  /** "idle", "running" or "kept". */
  function show(state) {
    control.dataset.keep = state;
    find("start").hidden = state !== "idle";
    find("running").hidden = state !== "running";
    find("remove").hidden = state !== "kept";
    find("note").textContent = find("note").dataset[state === "kept" ? "kept" : "idle"];
  }

  const say = (key) => (find("say").textContent = key ? find("say").dataset[key] : "");

  function showProgress() {
    const [bar, count] = [find("bar"), find("count")];
    let told = 0;
    return (done, all) => {
      bar.value = done / all;
      count.textContent = `${megabytes(done)} / ${megabytes(all)} MB`;
      // A screen reader hears of each quarter.
      const quarter = Math.floor((4 * done) / all);
      if (quarter > told && quarter < 4) find("say").textContent = find("say").dataset.part.replace("{n}", 25 * (told = quarter));
    };
  }

  /** Keeps everything in one of the tabs; whether another one does already. */
  const alone = (work) => navigator.locks.request(`${KEPT} whole`, { ifAvailable: true }, (lock) => lock && work());

  async function start() {
    if (!isSecureContext || !navigator.serviceWorker || !globalThis.caches) return say("refused");
    stopping = new AbortController();
    show("running");
    find("stop").focus({ preventScroll: true });
    say("begun");
    const tell = showProgress();
    tell(0, Number(control.dataset.bytes));
    try {
      await navigator.serviceWorker.register(WORKER).catch(() => {
        throw new End("refused");
      });
      const stays = await navigator.storage?.persist?.().catch(() => false);
      await alone(async () => {
        wish("");
        wish((await keepAll(stopping.signal, tell)).version);
      });
      show("kept");
      say(stays ? "done" : "doneForNow");
    } catch (end) {
      show("idle");
      say(end instanceof End ? end.message : "refused");
    }
    stopping = null;
    if (document.activeElement === document.body) find(control.dataset.keep === "kept" ? "remove" : "start").focus({ preventScroll: true });
  }

  async function remove() {
    wish(null);
    await caches.delete(KEPT).catch(() => {});
    show("idle");
    say("removed");
    find("start").focus({ preventScroll: true });
  }

  /** What is new since it was kept, without a word. */
  async function renew() {
    const { signal } = new AbortController();
    const version = wish();
    if (!version || !navigator.onLine) return;
    if ((await list(signal)).version !== version) await alone(async () => wish((await keepAll(signal, () => {})).version));
  }

  async function begin() {
    const whole = Boolean(wish()) && (await caches.has(KEPT).catch(() => false));
    if (control) {
      find("start").addEventListener("click", start);
      find("stop").addEventListener("click", () => stopping?.abort());
      find("remove").addEventListener("click", remove);
      show(whole ? "kept" : "idle");
    }
    if (whole) await renew().catch(() => {});
  }
  begin();

  /* The page that says that there is no network ---------------------------------------------------------------- */

  const shelf = document.querySelector("[data-shelf]");
  if (!shelf) return;

  // Where the reader wanted to go; an address of the guide, whatever the query says.
  const wanted = new URL(new URLSearchParams(location.search).get("for") ?? "", ROOT);
  const again = shelf.querySelector("[data-again]");
  if (wanted.href.startsWith(ROOT)) {
    again.href = wanted.href;
    addEventListener("online", () => location.replace(wanted));
  }
  shelf.querySelector("[data-search]").addEventListener("click", () => document.querySelector(".md-search__input").focus());

  (async () => {
    const kept = await caches.open(KEPT);
    const addresses = new Set((await kept.keys()).map(({ url }) => url));
    let count = 0;
    for (const item of shelf.querySelectorAll("li")) {
      item.hidden = !addresses.has(item.querySelector("a").href);
      count += item.hidden ? 0 : 1;
    }
    for (const group of shelf.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("li:not([hidden])");
    const note = shelf.querySelector("[data-shelf-count]");
    note.textContent = count ? (count === 1 ? note.dataset.one : note.dataset.many.replace("{n}", count)) : note.dataset.none;
  })().catch(() => {});
})();
