// What the reader knows. Kept in this browser only, under one key that both languages share:
//
//   localStorage["study-guide"] = {"version": 1, "questions": {"<slug>": {"known": "<ISO date>"}}}
//
// A question's record and the object itself may carry further fields (a practice system adds its own); what this
// script does not know it leaves as it is. Whatever is stored, a page works: data that cannot be read counts as
// empty, and is overwritten only when the reader marks something.
//
// A classic script without imports: browsers load no modules from file://, and the guide is also read from a folder.
(() => {
  "use strict";

  const KEY = "study-guide";
  const VERSION = 1;
  const words = document.currentScript.dataset;
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  // Stands in when storage is refused (private windows, blocked cookies), so that marks live as long as the page.
  let fallback = null;

  /** The stored object, always with `version` and `questions`. */
  function read() {
    let data = fallback;
    if (data === null) {
      try {
        data = JSON.parse(localStorage.getItem(KEY));
      } catch {
        data = null;
      }
    }
    if (!isObject(data)) data = {};
    return {
      ...data,
      version: Number.isInteger(data.version) ? data.version : VERSION,
      questions: isObject(data.questions) ? data.questions : {},
    };
  }

  /** Stores the object; false if the browser refuses. */
  function write(data) {
    try {
      localStorage.setItem(KEY, JSON.stringify(data));
      fallback = null;
    } catch {
      fallback = data;
    }
    show();
    dispatchEvent(new CustomEvent("study-guide:change"));
    return fallback === null;
  }

  /** The slugs of the known questions. */
  function knownSlugs() {
    const records = Object.entries(read().questions);
    return new Set(records.filter(([, record]) => isObject(record) && record.known).map(([slug]) => slug));
  }

  function setKnown(slug, known) {
    const data = read();
    const record = isObject(data.questions[slug]) ? { ...data.questions[slug] } : {};
    if (known) record.known = new Date().toISOString().slice(0, 10);
    else delete record.known;
    const questions = { ...data.questions };
    if (Object.keys(record).length) questions[slug] = record;
    else delete questions[slug];
    return write({ ...data, questions });
  }

  const all = (selector) => document.querySelectorAll(selector);
  const slugsOf = (list) => list.split(" ").filter(Boolean);

  /** Brings every mark on the page up to date. */
  function show() {
    const known = knownSlugs();
    const among = (list) => slugsOf(list).filter((slug) => known.has(slug)).length;

    for (const mark of all("[data-question]")) {
      const isKnown = known.has(mark.dataset.question);
      mark.classList.toggle("known", isKnown);
      if (mark.matches(".cell")) {
        // The label as the server wrote it, with the state after it.
        mark.dataset.label ??= mark.getAttribute("aria-label");
        mark.setAttribute("aria-label", isKnown ? `${mark.dataset.label}, ${words.known}` : mark.dataset.label);
      } else if (mark.matches(".sq:not([aria-hidden])")) {
        if (isKnown) mark.setAttribute("role", "img");
        else mark.removeAttribute("role");
        if (isKnown) mark.setAttribute("aria-label", words.known);
        else mark.removeAttribute("aria-label");
      }
    }
    for (const count of all("[data-known-of]")) {
      count.textContent = `${among(count.dataset.knownOf)}/${slugsOf(count.dataset.knownOf).length}`;
    }
    for (const count of all("[data-known-count]")) {
      const number = among(count.dataset.knownCount);
      count.textContent = count.dataset.text.replace("{n}", number);
      count.hidden = number === 0;
    }
    for (const button of all("[data-known-button]")) {
      const isKnown = known.has(button.dataset.knownButton);
      button.setAttribute("aria-pressed", String(isKnown));
      button.querySelector("span").textContent = isKnown ? button.dataset.marked : button.dataset.mark;
    }
    showReadOn(known);
  }

  /** On the home page: the first question of the reading order that is not yet known, once some are. */
  function showReadOn(known) {
    const link = document.querySelector("[data-read-on]");
    if (!link) return;
    const cells = [...all(".map a[data-question]")];
    const next = cells.find((cell) => !known.has(cell.dataset.question));
    const started = next && cells.some((cell) => known.has(cell.dataset.question));
    link.dataset.first ??= link.innerHTML;
    link.dataset.href ??= link.getAttribute("href");
    if (!started) {
      link.innerHTML = link.dataset.first;
      link.setAttribute("href", link.dataset.href);
      return;
    }
    link.setAttribute("href", next.getAttribute("href"));
    const [title, number, note] = link.children;
    title.textContent = link.dataset.readOn;
    number.textContent = next.textContent;
    note.textContent = next.dataset.title;
  }

  for (const action of all("[data-known-action]")) action.hidden = false;
  for (const button of all("[data-known-button]")) {
    button.addEventListener("click", () => {
      const saved = setKnown(button.dataset.knownButton, button.getAttribute("aria-pressed") !== "true");
      if (!saved) document.querySelector("[data-known-note]").textContent = button.dataset.notSaved;
    });
  }
  // Another tab of the guide changed it, or the page came back from the browser's history.
  addEventListener("storage", (event) => {
    if (event.key !== KEY && event.key !== null) return;
    show();
    dispatchEvent(new CustomEvent("study-guide:change"));
  });
  addEventListener("pageshow", (event) => event.persisted && show());
  show();

  globalThis.studyGuide = { read, write, knownSlugs, setKnown };
})();
