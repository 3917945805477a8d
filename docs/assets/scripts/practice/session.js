// A session: one question after another, answer hidden, answer shown, graded; then what to read again.
(() => {
  "use strict";

  const { settings, text, address, questions } = guidePractice;
  const STORED = "study-guide.session";
  const KEYS = "study-guide.keys";
  const LIMIT = 120; // seconds, for those who want a timer
  const find = (selector) => document.querySelector(`.practice ${selector}`);
  const view = {
    start: find("[data-start]"),
    session: find("[data-session]"),
    summary: find("[data-summary]"),
  };
  const fields = {};
  for (const name of "strip position topic level last timer number title front typed reveal back yours yours-text answer-head answer-name last-key thirty short failed retry formulas-part formulas points-part points follow-part follow full keys undo".split(" ")) {
    fields[name] = view.session.querySelector(`[data-${name}]`);
  }
  const gradeButtons = [...view.session.querySelectorAll("[data-grade]")];

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const say = (words) => (find("[data-say]").textContent = words);

  /* The session, kept for as long as the tab, so that one can look something up and come back ------------------------ */

  // {way, timed, position, history: [index], entries: [{slug, part, shown, grade, at, ticks, typed, seconds, asks}]}
  let session = null;
  let since = 0; // when the present question was shown

  function keep() {
    try {
      if (session) sessionStorage.setItem(STORED, JSON.stringify(session));
      else sessionStorage.removeItem(STORED);
    } catch {
      // then it lasts as long as the page
    }
  }

  function kept() {
    try {
      const stored = JSON.parse(sessionStorage.getItem(STORED));
      return stored?.entries?.length && stored.entries.every((one) => questions.has(one.slug)) && stored.entries[stored.position] ? stored : null;
    } catch {
      return null;
    }
  }

  const entry = () => session.entries[session.position];
  const isFollow = () => session.way === "follow";

  function show(name) {
    for (const [key, element] of Object.entries(view)) element.hidden = key !== name;
    scrollTo(0, 0);
  }

  function begin(way, entries, timed) {
    if (!entries.length) return;
    session = { way, timed, position: 0, history: [], entries };
    resume();
  }

  function resume() {
    keep();
    for (const { slug } of session.entries.slice(0, 20)) guidePractice.fetch(slug).catch(() => {});
    // The faces of the formulas, before they are needed.
    for (const face of ["1em KaTeX_Main", "italic 1em KaTeX_Math"]) document.fonts?.load(face).catch(() => {});
    show("session");
    ask();
  }

  /* A question ------------------------------------------------------------------------------------------------- */

  function ask() {
    const one = entry();
    const question = questions.get(one.slug);
    since = Date.now();
    fields.topic.textContent = settings.topics[question.topic].title;
    fields.topic.href = address(settings.topics[question.topic].url);
    fields.level.replaceChildren(ticks(question.level), settings.words[question.level]);
    fields.last.className = "";
    fields.last.textContent = isFollow() ? "" : lastTime(one.slug);
    fields["last-key"].textContent = isFollow() ? 2 : 4;
    fields.number.textContent = question.number;
    fields.title.textContent = question.title;
    fields.title.classList.toggle("follow", isFollow());
    if (isFollow()) askFollowUp(one, question);
    fields.typed.value = one.typed ?? "";
    fields.typed.closest("details").open = Boolean(one.typed);
    const { length } = session.entries;
    const position = text("position", { n: session.position + 1, all: length });
    fields.position.textContent = position;
    fields.strip.replaceChildren(...session.entries.map(square));
    fields.strip.parentElement.classList.toggle("many", length > 24);
    fields.undo.parentElement.hidden = !session.history.length;
    if (one.shown) return showBack();
    fields.back.hidden = true;
    fields.front.hidden = false;
    tick();
    say(position);
    fields.title.focus({ preventScroll: true });
    scrollTo(0, 0);
    if (session.entries[session.position + 1]) guidePractice.fetch(session.entries[session.position + 1].slug).catch(() => {});
  }

  /** A follow-up stands in its question's card. */
  async function askFollowUp(one, question) {
    const card = await guidePractice.fetch(one.slug).catch(() => null);
    if (!session || entry() !== one) return;
    if (!card) return (fields.title.textContent = question.title);
    fields.last.className = "parent";
    fields.last.replaceChildren(linked(question));
    fields.title.innerHTML = card.followUps[one.part].question;
  }

  function ticks(level) {
    const on = ["basic", "intermediate", "advanced"].indexOf(level);
    const box = make("span", "lv", ...[0, 1, 2].map((number) => make("i", number <= on ? "on" : "")));
    box.setAttribute("aria-hidden", "true");
    return box;
  }

  function lastTime(slug) {
    const last = studyGuide.reviewsOf(studyGuide.record(slug)).at(-1);
    if (!last) return text("first_time");
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(last[0]).setHours(0, 0, 0, 0)) / studyGuide.DAY);
    const when = days <= 0 ? text("when_today") : days === 1 ? text("when_yesterday") : text("when_days", { n: days });
    return text("last_time", { when, grade: text(`grade_${last[1]}`) });
  }

  const looks = (one) => ({ 1: "due", 2: "learning", 3: "known", 4: "known" })[one.grade] ?? "";
  const square = (one, index) => make("li", `sq ${looks(one)} ${index === session.position ? "now" : ""}`);

  function mark(one) {
    const box = make("i", `sq ${looks(one)}`);
    box.setAttribute("aria-hidden", "true");
    return box;
  }

  /* The answer ------------------------------------------------------------------------------------------------- */

  function reveal() {
    const one = entry();
    one.shown = true;
    one.seconds = Math.round((Date.now() - since) / 1000);
    one.typed = fields.typed.value.trim();
    keep();
    showBack();
  }

  async function showBack() {
    const one = entry();
    const question = questions.get(one.slug);
    fields.front.hidden = true;
    fields.back.hidden = false;
    fields.yours.hidden = !one.typed;
    fields["yours-text"].textContent = one.typed ?? "";
    fields.full.href = question.url;
    fields.timer.hidden = true;
    showGrades(one);
    const card = await guidePractice.fetch(one.slug).catch(() => null);
    if (!session || entry() !== one) return;
    fields.failed.hidden = card !== null;
    const follow = isFollow();
    const wanted = card ?? { short: "", points: [], formulas: [], followUps: [] };
    fields.short.innerHTML = follow && card ? card.followUps[one.part].answer : wanted.short;
    fields.thirty.hidden = follow;
    fields["answer-name"].textContent = text(follow ? "answer" : "short_answer");
    fields["formulas-part"].hidden = follow || !wanted.formulas.length;
    fields["points-part"].hidden = follow || !wanted.points.length;
    fields["follow-part"].hidden = follow || !wanted.followUps.length;
    fields.formulas.innerHTML = wanted.formulas.join("");
    fields.points.replaceChildren(...wanted.points.map((point, index) => pointToTick(point, index, one)));
    fields.follow.replaceChildren(...wanted.followUps.map(followUp));
    if (location.protocol === "file:") for (const link of fields.back.querySelectorAll("a[href]")) link.setAttribute("href", address(link.getAttribute("href")));
    fields["answer-head"].focus({ preventScroll: true });
  }

  function pointToTick(html, index, one) {
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = one.ticks?.includes(index) ?? false;
    box.addEventListener("change", () => {
      one.ticks = (one.ticks ?? []).filter((tick) => tick !== index);
      if (box.checked) one.ticks.push(index);
      keep();
    });
    const words = make("span");
    words.innerHTML = html;
    return make("li", "", make("label", "tick", box, words));
  }

  function followUp({ question, answer }) {
    const summary = make("summary");
    summary.innerHTML = question;
    const body = make("div");
    body.innerHTML = answer;
    return make("details", "follow-up question", summary, body);
  }

  /* Grades ----------------------------------------------------------------------------------------------------- */

  function interval(wait) {
    const days = wait / studyGuide.DAY;
    if (days < 0.9) return text("minutes_short", { n: Math.max(1, Math.round(wait / 60_000)) });
    const round = Math.round(days);
    if (round < 60) return text(round === 1 ? "day_short" : "days_short", { n: round });
    if (round < 365) return text("months_short", { n: Math.round(round / 30.4) });
    return text("years_short", { n: (round / 365).toFixed(1) });
  }

  /** The reviews that a grade given now would follow: without the one that it replaces. */
  const reviewsBefore = (one) => studyGuide.reviewsOf(studyGuide.record(one.slug)).filter(([at]) => at !== one.at);

  function showGrades(one) {
    const follow = isFollow();
    const waits = follow ? [] : guidePractice.waits(reviewsBefore(one), Date.now());
    for (const button of gradeButtons) {
      const grade = Number(button.dataset.grade);
      const [key, name, small] = button.children;
      button.hidden = follow && grade % 2 === 0;
      key.textContent = follow ? (grade + 1) / 2 : grade;
      name.textContent = text(follow && grade % 2 ? `follow_grade_${grade}` : `grade_${grade}`);
      small.textContent = follow ? "" : interval(waits[grade - 1]);
      if (one.grade) button.setAttribute("aria-pressed", String(one.grade === grade));
      else button.removeAttribute("aria-pressed");
    }
    gradeButtons[0].parentElement.classList.toggle("two", follow);
  }

  function grade(value) {
    const one = entry();
    if (one.grade) withdraw(one);
    one.grade = value;
    let said = text(isFollow() ? `follow_grade_${value}` : `grade_${value}`);
    if (!isFollow()) {
      one.at = studyGuide.review(one.slug, value);
      said += `, ${interval(studyGuide.record(one.slug).schedule.due - one.at)}`;
    }
    session.history.push(session.position);
    // What was forgotten is asked once more before the session ends; an interviewer would not.
    if (value === 1 && session.way !== "mock") {
      session.entries.push({ slug: one.slug, part: one.part });
      one.asks = session.entries.length - 1;
    }
    say(said);
    const open = session.entries.findIndex((other, index) => index > session.position && !other.grade);
    const next = open >= 0 ? open : session.entries.findIndex((other) => !other.grade);
    if (next < 0) return summarize();
    session.position = next;
    keep();
    ask();
  }

  /** Takes a grade back, and what followed from it. */
  function withdraw(one) {
    if (one.at) studyGuide.takeBack(one.slug, one.at);
    if (one.asks && one.asks === session.entries.length - 1 && !session.entries[one.asks].grade) session.entries.pop();
    delete one.grade;
    delete one.at;
    delete one.asks;
  }

  function undo() {
    const last = session?.history.pop();
    if (last === undefined) return;
    withdraw(session.entries[last]);
    session.position = last;
    keep();
    show("session");
    ask();
    say(text("undone"));
  }

  function move(step) {
    const to = session.position + step;
    if (!session.entries[to]) return;
    if (!entry().shown) entry().typed = fields.typed.value;
    session.position = to;
    keep();
    ask();
  }

  /* Time ------------------------------------------------------------------------------------------------------- */

  let told = 0;
  function tick() {
    const runs = session?.timed && !view.session.hidden && !fields.front.hidden;
    fields.timer.hidden = !runs;
    if (!runs) return;
    const left = LIMIT - Math.floor((Date.now() - since) / 1000);
    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    fields.timer.textContent = left > 0 ? text("time_left", { n: clock(left) }) : text("time_up");
    fields.timer.classList.toggle("up", left <= 0);
    for (const [moment, words] of [[30, "time_half"], [0, "time_up"]]) {
      if (left <= moment && told !== since + moment && left > moment - 2) {
        told = since + moment;
        say(text(words));
      }
    }
  }
  setInterval(tick, 1000);

  /* The summary ------------------------------------------------------------------------------------------------ */

  const linked = (question) => {
    const link = make("a", "", question.title);
    link.href = question.url;
    return link;
  };

  /** Points that were not said, where the reader has ticked at all or has failed. */
  function missed(one) {
    const points = guidePractice.card(one.slug)?.points ?? [];
    if (isFollow() || !(one.ticks?.length || one.grade === 1)) return [];
    return points.filter((_, index) => !one.ticks?.includes(index));
  }

  function summarize() {
    const answered = session.entries.filter((one) => one.grade);
    const minutes = Math.max(1, Math.round(answered.reduce((sum, one) => sum + (one.seconds ?? 0), 0) / 60));
    find("[data-summary-head]").textContent = text(session.way === "mock" ? "summary_mock" : "summary");
    find("[data-summary-counts]").textContent = answered.length
      ? text(answered.length === 1 ? "summary_counts_one" : "summary_counts", { n: answered.length, m: minutes })
      : text("round_empty");

    // A question that was asked twice counts by its first answer.
    const first = answered.filter((one, index) => answered.findIndex((other) => other.slug === one.slug && other.part === one.part) === index);
    const weak = first.filter((one) => one.grade <= 2 || missed(one).length);
    find("[data-reread-part]").hidden = weak.length === 0;
    find("[data-reread-none]").hidden = weak.length > 0 || answered.length === 0;
    find("[data-reread]").replaceChildren(...weak.map(toReread));
    find("[data-answers-part]").hidden = answered.length === 0;
    find("[data-answers]").replaceChildren(...answered.map(answer));
    const again = find("[data-again]");
    const wrong = first.filter((one) => one.grade <= 2).map(({ slug, part }) => ({ slug, part }));
    again.hidden = wrong.length === 0;
    const { way, timed } = session;
    again.onclick = () => begin(way === "follow" ? way : "review", wrong, timed);
    find("[data-to-start]").classList.toggle("main", wrong.length === 0);
    keptUntilNext();
    show("summary");
    find("[data-summary-head]").focus({ preventScroll: true });
  }

  function toReread(one) {
    const question = questions.get(one.slug);
    const item = make("li", "", mark(one), make("span", "num", question.number), make("div", "", linked(question)));
    const points = missed(one);
    if (points.length) {
      const list = make("ul", "points");
      for (const html of points) {
        const point = make("li");
        point.innerHTML = html;
        list.append(point);
      }
      item.lastChild.append(make("p", "note", text("reread_missed")), list);
    } else if (isFollow() && guidePractice.card(one.slug)) {
      const asked = make("p", "note");
      asked.innerHTML = guidePractice.card(one.slug).followUps[one.part].question;
      item.lastChild.append(asked);
    }
    return item;
  }

  function answer(one) {
    const question = questions.get(one.slug);
    const points = guidePractice.card(one.slug)?.points.length;
    const said = make("span", "lvl", text(isFollow() ? `follow_grade_${one.grade}` : `grade_${one.grade}`));
    if (!isFollow() && one.ticks?.length) said.append(make("span", "num", text("points_of", { n: one.ticks.length, all: points })));
    return make("li", "item", mark(one), make("span", "num", question.number), linked(question), said);
  }

  /** The session is over, but its last grade can still be taken back. */
  function keptUntilNext() {
    try {
      sessionStorage.removeItem(STORED);
    } catch {
      // nothing was kept
    }
  }

  function end() {
    if (session.entries.some((one) => one.grade)) summarize();
    else toStart();
  }

  function toStart() {
    session = null;
    keep();
    show("start");
    guidePractice.showStart();
    find("[data-begin-today]").focus({ preventScroll: true });
  }

  /* Keys and buttons ------------------------------------------------------------------------------------------- */

  try {
    fields.keys.checked = localStorage.getItem(KEYS) !== "off";
  } catch {
    // then they are on
  }
  fields.keys.addEventListener("change", () => {
    try {
      localStorage.setItem(KEYS, fields.keys.checked ? "on" : "off");
    } catch {
      // holds for this page
    }
  });

  addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (!session || view.start.hidden === false || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (!fields.keys.checked || document.getElementById("__search")?.checked || document.getElementById("__drawer")?.checked) return;
    if (target.matches("textarea, select, input:not([type=checkbox])")) return;
    if (key.toLowerCase() === "u") return undo();
    if (view.session.hidden) return;
    const shown = !fields.back.hidden;
    if (key === " " && !shown && !target.closest("button, a, summary, label, input")) {
      event.preventDefault();
      reveal();
    } else if (/^[1-4]$/.test(key) && shown) {
      const button = gradeButtons.find((one) => !one.hidden && one.firstChild.textContent === key);
      if (button) grade(Number(button.dataset.grade));
    } else if ((key === "ArrowLeft" || key === "ArrowRight") && !target.matches(".body, [tabindex='0']")) {
      event.preventDefault();
      move(key === "ArrowLeft" ? -1 : 1);
    }
  });
  fields.typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) reveal();
  });
  fields.reveal.addEventListener("click", reveal);
  fields.retry.addEventListener("click", () => (isFollow() ? ask() : showBack()));
  fields.undo.addEventListener("click", undo);
  for (const button of gradeButtons) button.addEventListener("click", () => grade(Number(button.dataset.grade)));
  view.session.querySelector("[data-end]").addEventListener("click", end);
  find("[data-to-start]").addEventListener("click", toStart);

  guidePractice.begin = begin;
  guidePractice.say = say;
  /** Goes on with the session of this tab; false if there is none. */
  guidePractice.resume = () => {
    session = kept();
    if (session) resume();
    return session !== null;
  };
})();
