// The filter of the page of all questions. Its state stands in the address (?words=&topic=&level=&state=; not ?q=,
// at which Material opens its search), so that a filtered list can be linked to. A classic script without imports, for the same reason as progress.js, which runs before it.
(() => {
  "use strict";

  const form = document.querySelector("[data-filters]");
  const found = document.querySelector("[data-found]");
  const known = document.querySelector("[data-known-found]");
  const clear = document.querySelector("[data-clear]");
  // KV缓存, kv 缓存 and ＫＶ缓存 are the same words.
  const normalize = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s\-_/]+/g, " ").trim();
  const rows = [...document.querySelectorAll("[data-rows] tr")].map((row) => {
    const [, number, title, topic] = row.cells;
    const words = normalize([number, title, topic].map((cell) => cell.textContent).join(" ") + " " + row.dataset.words);
    return { row, words, joined: words.replaceAll(" ", ""), slug: row.querySelector("[data-question]").dataset.question };
  });
  const names = ["words", "topic", "level", "state"];

  function filter() {
    const wanted = Object.fromEntries(new FormData(form));
    const words = normalize(wanted.words).split(" ").filter(Boolean);
    const { questions } = studyGuide.read();
    const isIn = (slug, state) => (state === "due" ? studyGuide.isDue : (record) => studyGuide.stateOf(record) === state)(questions[slug]);
    let count = 0;
    for (const { row, words: text, joined, slug } of rows) {
      const matches =
        (!wanted.topic || row.dataset.topic === wanted.topic) &&
        (!wanted.level || row.dataset.level === wanted.level) &&
        (!wanted.state || isIn(slug, wanted.state)) &&
        words.every((word) => text.includes(word) || joined.includes(word));
      row.hidden = !matches;
      if (matches) count += 1;
    }
    showKnown(questions);
    const text = { 0: found.dataset.none, 1: found.dataset.one }[count] ?? found.dataset.many;
    found.textContent = text.replace("{n}", count);
    clear.hidden = names.every((name) => !wanted[name]);
    document.querySelector("table.all").hidden = count === 0;
    return wanted;
  }

  /** How much is known: of each topic in the choice of topics, of what is listed beside its number. */
  function showKnown(questions) {
    const knownOf = (some) => some.filter(({ slug }) => studyGuide.stateOf(questions[slug]) === "known").length;
    for (const option of form.elements.topic.options) {
      if (!option.value) continue;
      const ofTopic = rows.filter(({ row }) => row.dataset.topic === option.value);
      option.dataset.title ??= option.textContent;
      option.textContent = `${option.dataset.title} ${knownOf(ofTopic)}/${ofTopic.length}`;
    }
    const number = knownOf(rows.filter(({ row }) => !row.hidden));
    known.hidden = number === 0;
    known.textContent = known.dataset.text.replace("{n}", number);
  }

  function toAddress(wanted) {
    const address = new URL(location.href);
    for (const name of names) {
      const value = wanted[name].trim();
      if (value) address.searchParams.set(name, value);
      else address.searchParams.delete(name);
    }
    try {
      history.replaceState(history.state, "", address);
    } catch {
      // Some browsers count changes of the address and refuse after too many in a short time; the list is right all the same.
    }
  }

  function fromAddress() {
    const wanted = new URLSearchParams(location.search);
    form.reset();
    for (const name of names) {
      const control = form.elements.namedItem(name);
      control.value = wanted.get(name) ?? "";
      // A value that does not exist leaves the control empty: show all then.
      if (control instanceof RadioNodeList && !control.value) control[0].checked = true;
      if (control instanceof HTMLSelectElement && control.selectedIndex < 0) control.selectedIndex = 0;
    }
    filter();
  }

  form.addEventListener("input", () => toAddress(filter()));
  form.addEventListener("submit", (event) => event.preventDefault());
  clear.addEventListener("click", () => {
    form.reset();
    toAddress(filter());
    form.elements.namedItem("words").focus();
  });
  addEventListener("study-guide:change", filter);
  addEventListener("popstate", fromAddress);
  fromAddress();
})();
