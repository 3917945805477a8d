// The start of the practice page: what is due today, and the choice of one's own.
(() => {
  "use strict";

  const { text, questions, selection } = guidePractice;
  const find = (selector) => document.querySelector(`.practice ${selector}`);
  const form = find("[data-choose]");
  const SHOWN = 5;

  /* Today ------------------------------------------------------------------------------------------------------ */

  function showToday() {
    const entries = selection.forToday();
    const due = studyGuide.dueSlugs();
    const { questions: records } = studyGuide.read();
    find("[data-up-next]").replaceChildren(
      ...entries.slice(0, SHOWN).map(({ slug }) => {
        const { number, title } = questions.get(slug);
        const item = document.createElement("li");
        const square = document.createElement("i");
        square.className = `sq ${due.has(slug) ? "due" : studyGuide.stateOf(records[slug])}`;
        square.setAttribute("aria-hidden", "true");
        const id = document.createElement("span");
        id.className = "num";
        id.textContent = number;
        const name = document.createElement("span");
        name.textContent = title;
        item.append(square, id, name);
        return item;
      }),
    );
    const count = entries.filter(({ slug }) => due.has(slug)).length;
    find("[data-due]").textContent = count || "";
    const note = find("[data-due-note]");
    note.textContent = (count === 1 ? note.dataset.one : count ? note.dataset.many : note.dataset.none).replace("{n}", 2 * count);
    find("[data-begin-today]").disabled = entries.length === 0;
  }

  /* A choice of one's own -------------------------------------------------------------------------------------- */

  function chosen() {
    const data = new FormData(form);
    return {
      way: data.get("way"),
      count: Number(data.get("count")),
      timed: data.has("timed"),
      levels: data.getAll("level"),
      topics: data.getAll("topic"),
      plan: data.get("plan") ?? "",
      which: data.get("which"),
    };
  }

  function showChoice() {
    const choice = chosen();
    const note = find("[data-way-note]");
    note.textContent = note.dataset[choice.way];
    // An interview has eight questions.
    for (const radio of form.querySelectorAll("[name=count]")) radio.disabled = choice.way === "mock";
    const topics = find("[data-topics-chosen]");
    const number = choice.topics.length;
    topics.textContent = { 0: topics.dataset.all, 1: topics.dataset.one }[number] ?? topics.dataset.some.replace("{n}", number);
    const slugs = selection.matching(choice);
    const count = choice.way === "follow" ? slugs.reduce((sum, slug) => sum + questions.get(slug).followUps, 0) : slugs.length;
    const key = count === 0 ? "matching_none" : choice.way === "follow" ? "matching_follow" : count === 1 ? "matching_one" : "matching";
    const matching = find("[data-matching]");
    if (matching.textContent !== text(key, { n: count })) matching.textContent = text(key, { n: count });
    find("[data-begin]").disabled = count === 0;
  }

  form.addEventListener("input", showChoice);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const choice = chosen();
    const entries = {
      review: () => selection.forReview(choice, choice.count),
      mock: () => selection.forInterview(choice),
      follow: () => selection.forFollowUps(choice, choice.count),
    }[choice.way]();
    guidePractice.begin(choice.way, entries, choice.timed);
  });
  find("[data-begin-today]").addEventListener("click", () => guidePractice.begin("review", selection.forToday(), chosen().timed));

  function showStart() {
    showToday();
    showChoice();
  }
  addEventListener("study-guide:change", showStart);
  guidePractice.showStart = showStart;
  showStart();

  /* What the address asks for: ?question=, ?topic= or ?plan= ---------------------------------------------------- */

  const asked = new URLSearchParams(location.search);
  const question = asked.get("question");
  if (question && questions.has(question)) {
    // Asked once: coming back to the page goes on with the session.
    try {
      history.replaceState(history.state, "", location.pathname);
    } catch {
      // In a folder some browsers refuse; then reloading asks it anew.
    }
    guidePractice.begin("review", [{ slug: question }], false);
  } else if (!guidePractice.resume()) {
    const topic = [...form.querySelectorAll("[name=topic]")].find((box) => box.value === asked.get("topic"));
    if (topic) {
      topic.checked = true;
      find("[data-topics]").open = true;
    }
    if (asked.get("plan") && form.elements.plan) {
      form.elements.plan.value = asked.get("plan");
      if (form.elements.plan.selectedIndex < 0) form.elements.plan.value = "";
    }
    if (topic || asked.get("plan")) form.scrollIntoView();
    showChoice();
  }
})();
