// What Material's own script would do of the shell: colour scheme, search box, keys, copy buttons, folded blocks. Its other 110 kB drive
// parts of Material that this site does not show. A classic script without imports, for the same reason as progress.js.
(() => {
  "use strict";

  const words = document.currentScript.dataset;
  const all = (selector, within = document) => within.querySelectorAll(selector);

  /* Colour scheme --------------------------------------------------------------------------------------------- */

  // A script in the header has set the scheme before anything was painted; here it follows the switch, the system and other tabs.
  const SCHEME = "study-guide-scheme";
  const options = [...all(".md-option[name=__palette]")];
  const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
  let chosen = "auto";

  function showScheme(value) {
    chosen = options.some((option) => option.value === value) ? value : "auto";
    const dark = chosen === "dark" || (chosen === "auto" && systemIsDark.matches);
    document.body.dataset.mdColorScheme = dark ? "slate" : "default";
    document.documentElement.classList.toggle("dark", dark);
    for (const option of options) option.checked = option.value === chosen;
    // Each label leads to the next state; the one to be seen belongs to the present state.
    for (const option of options) option.nextElementSibling.hidden = option.value !== chosen;
  }

  function storedScheme() {
    try {
      return localStorage.getItem(SCHEME);
    } catch {
      return null;
    }
  }

  for (const option of options) {
    option.addEventListener("change", () => {
      const hadFocus = options.includes(document.activeElement);
      showScheme(option.value);
      if (hadFocus) option.focus({ preventScroll: true });
      try {
        if (chosen === "auto") localStorage.removeItem(SCHEME);
        else localStorage.setItem(SCHEME, chosen);
      } catch {
        // holds for this page, then
      }
    });
  }
  systemIsDark.addEventListener("change", () => showScheme(chosen));
  addEventListener("storage", (event) => (event.key === SCHEME || event.key === null) && showScheme(storedScheme()));
  showScheme(storedScheme());

  /* Messages -------------------------------------------------------------------------------------------------- */

  const dialog = document.querySelector(".md-dialog");
  dialog?.setAttribute("role", "status");
  let timer = 0;
  function tell(text) {
    dialog.firstElementChild.textContent = text;
    dialog.classList.add("md-dialog--active");
    clearTimeout(timer);
    timer = setTimeout(() => dialog.classList.remove("md-dialog--active"), 2000);
  }

  /** Puts `text` on the clipboard. Pages that are not served securely have no clipboard but the old command. */
  async function toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      document.body.append(field);
      field.select();
      const done = document.execCommand("copy");
      field.remove();
      if (!done) return;
    }
    tell(words.copied);
  }

  for (const code of all(".highlight pre > code")) {
    const button = document.createElement("button");
    button.className = "md-code__button";
    button.type = "button";
    button.title = words.copy;
    button.dataset.mdType = "copy";
    button.setAttribute("aria-label", words.copy);
    button.addEventListener("click", () => toClipboard(code.textContent.trimEnd() + "\n"));
    const bar = document.createElement("div");
    bar.className = "md-code__nav";
    bar.append(button);
    code.before(bar);
  }

  /* Folded blocks --------------------------------------------------------------------------------------------- */

  /** Opens what the address's target is folded into. */
  function unfold() {
    let target = null;
    try {
      target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      // a % without its digits names nothing
    }
    const folded = target?.closest("details:not([open])");
    if (!folded) return;
    for (let one = folded; one; one = one.parentElement.closest("details")) one.open = true;
    target.scrollIntoView();
  }
  addEventListener("hashchange", unfold);
  unfold();

  let unfolded = [];
  addEventListener("beforeprint", () => {
    unfolded = [...all("article details:not([open])")];
    for (const one of unfolded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of unfolded) one.open = false;
  });

  /* Search: opening and closing; the rest comes when it is first used -------------------------------------------- */

  const box = document.querySelector(".md-search");
  const toggle = document.getElementById("__search");
  const input = box?.querySelector(".md-search__input");
  if (!input) return;
  const meta = box.querySelector(".md-search-result__meta");
  const asked = new URLSearchParams(location.search);
  let before = null;

  const script = (url) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.async = false;
      element.src = url;
      element.onload = () => resolve(element.remove());
      element.onerror = () => reject(new Error(url), element.remove());
      document.head.append(element);
    });

  const data = new Map();
  let loading = null;
  globalThis.guideSearch = {
    base: box.dataset.base,
    composing: false,
    close,
    toClipboard,
    /** The content of a file of the index; undefined until `receive` was called by it. */
    async fetch(name) {
      if (!data.has(name)) await script(`${box.dataset.index}/${name}.js`);
      return data.get(name);
    },
    receive: (name, content) => data.set(name, content),
  };

  function load() {
    loading ??= Promise.all([script(box.dataset.script), guideSearch.fetch("titles")])
      .then(() => guideSearch.open())
      .catch(() => {
        loading = null;
        meta.textContent = box.dataset.failed;
      });
  }

  function open() {
    if (!box.contains(document.activeElement)) before = document.activeElement;
    toggle.checked = true;
    if (!loading) meta.textContent = box.dataset.loading;
    load();
  }

  function close() {
    toggle.checked = false;
    if (box.contains(document.activeElement)) document.activeElement.blur();
    if (before?.isConnected && before !== document.body) before.focus({ preventScroll: true });
    before = null;
  }

  input.addEventListener("focus", open);
  toggle.addEventListener("change", () => (toggle.checked ? input.focus() : close()));
  for (const [name, composing] of [
    ["compositionstart", true],
    ["compositionend", false],
  ]) {
    input.addEventListener(name, () => (guideSearch.composing = composing));
  }
  // `?q=` opens the box with a query, `?h=` marks words in the text.
  if (asked.has("q")) {
    input.value = asked.get("q");
    input.focus();
    open();
  }
  if (asked.get("h")) script(box.dataset.arrival).catch(() => {});

  /* Keys: / f s search, p , and n . turn the page, as everywhere with Material ------------------------------------- */

  const isTyping = (element) => element?.matches?.("input, textarea, select, [contenteditable]") || element?.shadowRoot;
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (toggle.checked) {
      // The box is left by Tab; it holds nothing else that Tab would lead to.
      if (event.key !== "Escape" && event.key !== "Tab") return;
      if (event.key === "Escape") event.preventDefault();
      close();
      return;
    }
    if (event.defaultPrevented || isTyping(document.activeElement)) return;
    if (["/", "f", "s"].includes(event.key)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
    const turn = { p: "prev", ",": "prev", n: "next", ".": "next" }[event.key];
    const link = turn && document.querySelector(`.pager a[rel=${turn}]`);
    if (link) location.assign(link.href);
  });
})();
