// Shows on any page what progress.js keeps: squares and cells, counts, the marks of a question, what to practise today.
// A classic script without imports, for the same reason as progress.js, which runs before it.
(() => {
  "use strict";

  const words = document.currentScript.dataset;
  const all = (selector) => document.querySelectorAll(selector);
  const slugsOf = (list) => list.split(" ").filter(Boolean);
  const CLASSES = ["learning", "known", "due"];

  /** Brings every mark on the page up to date. */
  function show() {
    const { questions } = studyGuide.read();
    const state = (slug) => studyGuide.stateOf(questions[slug]);
    const look = (slug) => (studyGuide.isDue(questions[slug]) ? "due" : state(slug));
    const among = (list, wanted) => slugsOf(list).filter((slug) => state(slug) === wanted).length;

    for (const mark of all("[data-question]")) {
      const looks = look(mark.dataset.question);
      for (const name of CLASSES) mark.classList.toggle(name, name === looks);
      const name = looks === "new" ? "" : words[looks];
      if (mark.matches(".cell")) {
        // The label as the server wrote it, with the state after it.
        mark.dataset.label ??= mark.getAttribute("aria-label");
        mark.setAttribute("aria-label", name ? `${mark.dataset.label}, ${name}` : mark.dataset.label);
      } else if (mark.matches(".sq:not([aria-hidden])")) {
        if (name) mark.setAttribute("role", "img");
        else mark.removeAttribute("role");
        if (name) mark.setAttribute("aria-label", name);
        else mark.removeAttribute("aria-label");
      }
    }
    for (const count of all("[data-known-of]")) {
      count.textContent = `${among(count.dataset.knownOf, "known")}/${slugsOf(count.dataset.knownOf).length}`;
    }
    for (const count of all("[data-known-count]")) {
      const number = among(count.dataset.knownCount, "known");
      count.textContent = count.dataset.text.replace("{n}", number);
      count.hidden = number === 0;
    }
    for (const button of all("[data-mark]")) {
      button.setAttribute("aria-pressed", String(state(button.dataset.of) === button.dataset.mark));
    }
    for (const note of all("[data-next-review]")) showNextReview(note, questions[note.dataset.nextReview]);
    for (const link of all("[data-read-on]")) showReadOn(link, state);
    for (const panel of all("[data-today]")) showToday(panel);
    showNotice();
  }

  /** When a question that is practised will be asked again. */
  function showNextReview(note, record) {
    note.hidden = !studyGuide.reviewsOf(record).length || !record.schedule;
    if (note.hidden) return;
    const midnight = new Date().setHours(24, 0, 0, 0);
    const days = Math.ceil((record.schedule.due - midnight) / studyGuide.DAY);
    const text = days <= 0 ? note.dataset.now : days === 1 ? note.dataset.tomorrow : note.dataset.later;
    note.textContent = text.replace("{n}", days);
  }

  /** On the page of a plan: the first of its questions that is not yet known, once some are. */
  function showReadOn(link, state) {
    const listed = [...all(".list [data-question]")];
    const next = listed.find((square) => state(square.dataset.question) !== "known" && square.parentElement.querySelector("a"));
    const begun = listed.some((square) => state(square.dataset.question) === "known");
    link.hidden = !next;
    if (!next) return;
    const title = next.parentElement.querySelector("a");
    link.setAttribute("href", title.getAttribute("href"));
    link.querySelector("[data-verb]").textContent = begun ? link.dataset.readOn : link.dataset.start;
    link.querySelector("[data-title]").textContent = title.textContent;
  }

  /** On the home page: what practice would ask first. The rows are there from the start, so that nothing moves. */
  function showToday(panel) {
    const cells = new Map([...all(".map a[data-question]")].map((cell) => [cell.dataset.question, cell]));
    const rows = [...panel.querySelectorAll("li")];
    const { due, further } = studyGuide.today([...cells.keys()], rows.length);
    rows.forEach((row, index) => {
      const slug = [...due, ...further][index];
      row.hidden = !slug;
      if (!slug) return;
      const link = row.querySelector("a");
      link.setAttribute("href", cells.get(slug).getAttribute("href"));
      link.querySelector("span").textContent = cells.get(slug).dataset.title;
      const square = link.querySelector(".sq");
      for (const name of CLASSES) square.classList.toggle(name, cells.get(slug).classList.contains(name));
    });
    panel.querySelector("[data-due]").textContent = due.length || "";
    const note = panel.querySelector("[data-due-note]");
    const text = due.length === 1 ? note.dataset.one : due.length ? note.dataset.many : note.dataset.none;
    note.textContent = text.replace("{n}", 2 * due.length);
  }

  /** Stored data could not be read: say so, on whatever page that is. */
  function showNotice() {
    const notice = document.querySelector("[data-aside-notice]");
    const untold = studyGuide.aside().filter((one) => !one.told);
    notice.hidden = untold.length === 0;
    document.documentElement.classList.toggle("noticed", !notice.hidden);
  }

  /** Hands the reader a file. */
  function download(name, text) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  const notice = document.querySelector("[data-aside-notice]");
  notice.querySelector("[data-aside-download]").addEventListener("click", () => {
    for (const one of studyGuide.aside()) download(notice.dataset.file, one.text);
  });
  notice.querySelector("[data-aside-dismiss]").addEventListener("click", () => {
    studyGuide.keepAside(studyGuide.aside().map((one) => ({ ...one, told: true })));
    showNotice();
  });
  for (const action of all("[data-known-action]")) action.hidden = false;
  for (const button of all("[data-mark]")) {
    button.addEventListener("click", () => {
      const saved = studyGuide.mark(button.dataset.of, button.dataset.mark);
      const note = document.querySelector("[data-known-note]");
      if (!saved) note.textContent = note.dataset.notSaved;
    });
  }
  addEventListener("study-guide:change", show);
  show();

  studyGuide.download = download;
})();
