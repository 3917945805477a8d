// The service worker. Pages come from the network, and from what was kept where there is none or it is slow; files that are
// named by their content come from what was kept, wherever that is.
//
// Nothing is ever mixed: a page names its scripts, styles and index by their content, and is kept only once they are. So it
// does not matter which worker a page meets, and none has to hurry: a new one waits until no page of the old one is open.
//
// Above stand, written by the build (web_app.py): VERSION of the site's content; SHELL, what is fetched at once; OFFLINE, the folders of the
// languages, each with a page offline/.
"use strict";

const ROOT = registration.scope;
const SHELLS = `${ROOT} shell `;
const SHELL_NOW = SHELLS + VERSION;
const KEPT = `${ROOT} kept`;
// How long a page that was kept waits for a newer one, in milliseconds.
const PATIENCE = 3000;

const HASHED = /\.[0-9a-f]{8}(?=\/|\.(?:css|js)$)/;
const find = (address) => caches.match(address, { ignoreVary: true });
/** An address without what the server does not look at. */
const plain = (address) => address.replace(/[?#].*$/, "").replace(/\/index\.html$/, "/");
const isOwn = (address) => address.startsWith(ROOT) && !address.startsWith(`${ROOT}downloads/`);

/* A new version ------------------------------------------------------------------------------------------------ */

addEventListener("install", (event) => event.waitUntil(install()));

async function install() {
  const shell = await caches.open(SHELL_NOW);
  await Promise.all(
    SHELL.map(async (path) => {
      const address = ROOT + path;
      const hashed = HASHED.test(path);
      const response = (hashed && (await find(address))) || (await fetch(address, { cache: hashed ? "default" : "no-cache" }));
      if (!response.ok || response.redirected) throw new Error(address);
      // While a new edition is being uploaded the page may still be that of the old one; it is tried again later.
      if (/offline\/$/.test(path)) {
        for (const file of named(await response.clone().text(), address)) if (!SHELL.includes(file.slice(ROOT.length))) throw new Error(file);
      }
      await shell.put(address, response);
    }),
  );
}

addEventListener("activate", (event) => event.waitUntil(activate()));

async function activate() {
  for (const name of await caches.keys()) if (name.startsWith(SHELLS) && name !== SHELL_NOW) await caches.delete(name);
  await registration.navigationPreload?.enable();
  await clients.claim();
  // The pages that the reader has open came before the worker did.
  for (const { url } of await clients.matchAll()) if (isOwn(url)) fetch(plain(url)).then((response) => keep(plain(url), response)).catch(() => {});
  tidy().catch(() => {});
}

/* Keeping ------------------------------------------------------------------------------------------------------ */

/** The files that a page names by their content. */
function named(text, address) {
  const scripted = text.replace(/<noscript>.*?<\/noscript>/gs, "");
  const files = [...scripted.matchAll(/"([^"\s]+\.[0-9a-f]{8}\.(?:css|js))"/g)].map((found) => found[1]);
  const index = /data-index="([^"]+)"/.exec(scripted);
  if (index) files.push(`${index[1]}/titles.js`);
  return new Set(files.map((file) => new URL(file, address).href));
}

/** Keeps a page and, before it, all that it names. */
async function keep(address, response) {
  const isPage = response.ok && !response.redirected && response.headers.get("content-type")?.startsWith("text/html");
  if (!isPage) return;
  const files = named(await response.clone().text(), address);
  await navigator.locks.request(KEPT, { mode: "shared" }, async () => {
    const kept = await caches.open(KEPT);
    await Promise.all(
      [...files].map(async (file) => {
        if (await kept.match(file, { ignoreVary: true })) return;
        const found = (await find(file)) ?? (await fetch(file));
        if (!found.ok) throw new Error(file);
        await kept.put(file, found);
      }),
    );
    await kept.put(address, response);
  });
  await keepIndex([...files].find((file) => file.endsWith("/titles.js")));
}

/** Keeps the rest of the search's index of a language: without a network a query finds what it finds with one. */
async function keepIndex(titles) {
  if (!titles) return;
  const [, shards] = /"shards":(\d+)/.exec(await (await find(titles)).text());
  const names = ["vocabulary.js", ...Array.from({ length: Number(shards) }, (_, number) => `words/${number}.js`)];
  const kept = await caches.open(KEPT);
  const there = new Set((await kept.keys()).map(({ url }) => url));
  const rest = names.map((name) => new URL(name, titles).href).filter((file) => !there.has(file));
  // Nobody waits for it: few at a time, and what a page asks for goes first.
  while (rest.length) await kept.addAll(rest.splice(0, 4));
}

/** Removes the files that neither this version nor any page that was kept has use for. */
const tidy = () =>
  navigator.locks.request(KEPT, async () => {
    const kept = await caches.open(KEPT);
    const stem = (address) => address.slice(0, address.search(HASHED) + 9);
    const used = new Set(SHELL.filter((path) => HASHED.test(path)).map((path) => stem(ROOT + path)));
    const [files, pages] = [[], []];
    for (const { url } of await kept.keys()) (HASHED.test(url) ? files : pages).push(url);
    for (const page of pages) {
      const text = await (await kept.match(page)).text();
      for (const [, name] of text.matchAll(/"([^"\s]+\.[0-9a-f]{8})(?:\.(?:css|js))?"/g)) used.add(new URL(name, page).href);
    }
    for (const file of files) if (!used.has(stem(file))) await kept.delete(file);
  });

/* Answering ---------------------------------------------------------------------------------------------------- */

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = plain(request.url);
  if (request.method !== "GET" || !isOwn(address)) return;
  if (HASHED.test(address)) event.respondWith(file(event, address));
  else if (request.mode === "navigate") event.respondWith(page(event, address));
  else if (SHELL.includes(address.slice(ROOT.length))) event.respondWith(find(address).then((found) => found ?? fetch(request)));
});

async function file(event, address) {
  const found = await find(address);
  if (found) return found;
  const response = await fetch(event.request);
  if (response.ok) {
    const copy = response.clone();
    event.waitUntil(caches.open(KEPT).then((kept) => kept.put(address, copy)).catch(() => {}));
  }
  return response;
}

async function page(event, address) {
  const network = Promise.resolve(event.preloadResponse).then((early) => early ?? fetch(event.request));
  event.waitUntil(network.then((response) => keep(address, response.clone())).catch(() => {}));
  const kept = await find(address);
  if (!kept) return network.catch(() => absent(address));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const soon = network.then((response) => (response.status < 500 ? response : kept));
  return Promise.race([soon, late]).catch(() => kept);
}

/** For a page that was not kept: the one that says so, in its language. */
async function absent(address) {
  if (!address.endsWith("/") && (await find(`${address}/`))) return Response.redirect(`${address}/`);
  const folder = OFFLINE.find((one) => address.startsWith(ROOT + one));
  const place = `${ROOT}${folder}offline/`;
  if (address === place) return Response.error();
  return Response.redirect(`${place}?for=${encodeURIComponent(address.slice(ROOT.length))}`);
}
