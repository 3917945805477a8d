// The search box: takes what is typed, asks the engine, shows the results. Loaded with the engine when the box is first used.
globalThis.guideSearch ??= {};

guideSearch.open = async () => {
  const { create, targets, marks, passage } = guideSearch;
  // Questions that are listed, those whose texts are fetched at once (the others when they are seen), sections that are
  // folded under one, sections that are looked through for its passage; how long typing rests before texts are fetched, and
  // how often an answer asks for more words.
  const MOST = 12;
  const AT_ONCE = 4;
  const MOST_SECTIONS = 8;
  const TRIED = 4;
  const REST = 150;
  const ROUNDS = 3;
  const MARKED = "data-md-highlight";

  const find = (selector) => document.querySelector(`.md-search ${selector}`);
  const input = find(".md-search__input");
  const meta = find(".md-search-result__meta");
  const empty = find(".search-empty");
  const list = find(".md-search-result__list");
  const scroll = find(".md-search__scrollwrap");

  const share = find("[data-md-component=search-share]");

  const data = await guideSearch.fetch("titles");
  const words = data.words;
  const engine = create(data, globalThis.MiniSearch);
  const base = new URL(`${guideSearch.base}/`, location.href);
  const texts = new Map();

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const say = (words_, values) => words_.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const counted = (count, one, many) => say(count === 1 ? one : many, { n: count });

  function marked(text, ranges) {
    const pieces = [];
    let at = 0;
    for (const [start, end] of ranges) {
      const mark = make("mark", "", text.slice(start, end));
      mark.setAttribute(MARKED, "");
      pieces.push(text.slice(at, start), mark);
      at = end;
    }
    return [...pieces, text.slice(at)];
  }

  /** The address of a question or of one of its sections, with the words that are to be marked there. */
  function address(question, section, highlight) {
    const url = new URL(question.url, base);
    // No server completes the name of a folder.
    if (url.protocol === "file:" && url.pathname.endsWith("/")) url.pathname += "index.html";
    if (highlight) url.searchParams.set("h", highlight);
    if (section) url.hash = section;
    return url.href;
  }

  function link(href, ...children) {
    const article = make("article", "md-search-result__article", ...children);
    const anchor = make("a", "md-search-result__link", article);
    anchor.href = href;
    anchor.tabIndex = -1;
    return anchor;
  }

  /** `Worked answer › Two dimensions` for a section of a question's text. */
  function path(sections, at) {
    const [, level, title] = sections[at];
    if (level < 3) return title;
    for (let before = at - 1; before >= 0; before--) if (sections[before][1] < level) return `${sections[before][2]} › ${title}`;
    return title;
  }

  function passageOf(sections, at, wanted) {
    const found = passage(sections[at][3], wanted, engine);
    return { ...found, path: path(sections, at), id: sections[at][0] };
  }

  function excerpt(found, withPath) {
    const paragraph = make("p", "search-passage");
    if (withPath) paragraph.append(make("span", "search-part", `${found.path} › `));
    paragraph.append(...marked(found.text, found.ranges));
    return paragraph;
  }

  function item(hit, wanted, sections) {
    const question = data.questions[hit.id];
    const title = marks(question.title, wanted, engine);
    const heading = make("span", "search-title", ...marked(question.title, title));
    const topic = make("span", "search-topic", make("span", "", data.topics[question.topic]));
    if (isAbsent(question)) topic.append(make("span", "search-absent", words.absent));
    const head = [make("span", "search-number", String(question.number)), heading, topic];
    const result = make("li", "md-search-result__item");
    const highlight = highlightWords(question.title, title);
    if (!sections) {
      result.append(link(address(question, "", highlight), ...head, make("p", "search-passage")));
      return result;
    }
    // Of the sections that match best, the one with a passage that has most of what is asked for.
    const tried = hit.sections.length ? hit.sections.slice(0, TRIED) : [0];
    const passages = tried.map((at) => passageOf(sections, at, wanted));
    const most = Math.max(...passages.map((one) => one.kinds));
    const choice = passages.findIndex((one) => one.kinds === most);
    const [best, shown] = [tried[choice], passages[choice]];
    const all = [highlight, highlightWords(shown.text, shown.ranges)].filter(Boolean).join(" ");
    result.append(link(address(question, best ? shown.id : "", all), ...head, excerpt(shown, best > 0)));
    const others = hit.sections.filter((at) => at !== best).slice(0, MOST_SECTIONS);
    if (others.length) {
      const more = make("details", "md-search-result__more");
      const summary = make("summary", "", make("div", "", counted(hit.sections.length - 1, words.more_one, words.more)));
      summary.tabIndex = -1;
      more.append(summary);
      const fill = () => {
        if (more.children.length > 1) return;
        others.forEach((at) => {
          const found = passageOf(sections, at, wanted);
          const href = address(question, found.id, highlightWords(found.text, found.ranges));
          more.append(link(href, make("span", "search-section", found.path), excerpt(found, false)));
        });
      };
      // Filled when opened: most stay closed. Known to be open before `toggle`, so that the arrow keys find the links.
      summary.addEventListener("click", fill);
      more.addEventListener("toggle", fill);
      result.append(more);
    }
    return result;
  }

  // Without a network: the addresses that the service worker answers from what was kept.
  let kept = null;

  async function lookAround() {
    kept = null;
    if (navigator.onLine || !/^http/.test(location.protocol)) return;
    try {
      const stores = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
      kept = new Set(stores.flat().map(({ url }) => url));
    } catch {
      // nothing is known, so nothing is said
    }
  }

  const isAbsent = (question) => Boolean(kept) && !kept.has(new URL(question.url, base).href);

  function highlightWords(text, ranges) {
    return [...new Set(ranges.map(([start, end]) => text.slice(start, end).trim()))].slice(0, 6).join(" ");
  }

  function linksTo(places) {
    const items = places.map(([title, url]) => {
      const anchor = make("a", "", title);
      anchor.href = address({ url }, "", "");
      return make("li", "", anchor);
    });
    return make("ul", "", ...items);
  }

  /** The pages without questions that are called so: the glossary, the errata. */
  const called = (query) => data.pages.filter(([title]) => title.toLowerCase().startsWith(query.trim().toLowerCase()));

  /** `reached`: whether all of the index that the query needs was there. */
  function showNothing(query, reached) {
    list.replaceChildren();
    const hint = reached ? [make("p", "", words.none_hint)] : [];
    const topics = linksTo([...data.places, ...data.pages]);
    const short = query.length > 60 ? `${query.slice(0, 60)}…` : query;
    meta.replaceChildren(make("span", "", reached ? say(words.none, { query: short }) : words.unreachable));
    empty.replaceChildren(...hint, topics);
    empty.hidden = false;
  }

  function showStart() {
    list.replaceChildren();
    empty.hidden = true;
    meta.replaceChildren(make("span", "", words.start), make("span", "", words.language));
  }

  function show(state) {
    const { hits, wanted, query } = state;
    if (!hits.length) return showNothing(query, state.reached);
    const pages = query.trim().length > 1 ? called(query) : [];
    empty.replaceChildren(linksTo(pages));
    empty.hidden = !pages.length;
    const places = hits.reduce((sum, hit) => sum + hit.sections.length, 0);
    const found = counted(hits.length, words.question, words.questions) + (places ? counted(places, words.place, words.places) : "");
    meta.replaceChildren(make("span", "", found), make("span", "", words.language));
    // Who walks through the list with the arrow keys keeps his place when a passage comes in later.
    const links = [...list.querySelectorAll("a, summary")];
    const place = links.indexOf(document.activeElement);
    const open = [...list.children].map((one) => one.querySelector("details")?.open);
    const listed = hits.slice(0, MOST);
    const now = place < 0 ? AT_ONCE : MOST;
    list.replaceChildren(...listed.map((hit, at) => item(hit, wanted, at < now ? texts.get(hit.id) : null)));
    if (place < 0) addPassages(state, listed, now);
    if (place >= 0) {
      open.forEach((was, at) => {
        const details = list.children[at]?.querySelector("details");
        if (was && details) details.querySelector("summary").click();
      });
      list.querySelectorAll("a, summary")[place]?.focus();
    } else if (state.fresh && scrolled) {
      // Only then: to ask or to set where it stands makes the browser lay out the list at once.
      scroll.scrollTop = 0;
      scrolled = false;
    }
    state.fresh = false;
  }

  /** Gives the results from `at` on their passages, one at a time: most of them are out of sight, and keys come first. */
  function addPassages(state, listed, at) {
    const shown = list.firstChild;
    const next = () => {
      if (list.firstChild !== shown || at >= listed.length) return;
      const sections = texts.get(listed[at].id);
      const old = list.children[at];
      if (sections && !old.contains(document.activeElement)) old.replaceWith(item(listed[at], state.wanted, sections));
      at++;
      setTimeout(next);
    };
    setTimeout(next);
  }

  let current = { query: "" };
  let scrolled = false;

  async function ask(query) {
    if (query === current.query) return;
    const state = { query, fresh: true };
    current = state;
    if (!query.trim()) return showStart();
    const stale = () => current !== state;
    if (kept || !navigator.onLine) await lookAround();
    if (stale()) return;
    const answer = (plan) => {
      state.wanted = targets(plan);
      state.hits = engine.search(plan);
    };
    let plan = engine.plan(query);
    if (plan.missing.size) {
      // What has come may show that more is needed: a word that is nowhere may be a typo.
      for (let round = 0; plan.missing.size && round < ROUNDS && !stale(); round++) {
        await Promise.all([...plan.missing].map(load));
        plan = engine.plan(query);
      }
      if (stale()) return;
    }
    state.reached = !plan.missing.size;
    answer(plan);
    show(state);
    if (!state.hits.slice(0, MOST).some((hit) => !texts.has(hit.id))) return;
    await new Promise((resolve) => setTimeout(resolve, REST));
    if (stale()) return;
    await Promise.all(state.hits.slice(0, AT_ONCE).map(loadText));
    if (stale()) return;
    show(state);
    await showSeen();
  }

  /** Fetches the texts of the results that are in sight, and shows them with their passages. */
  async function showSeen() {
    const state = current;
    const bottom = scroll.getBoundingClientRect().bottom;
    const seen = (at) => list.children[at]?.getBoundingClientRect().top < bottom;
    const wanted = (state.hits ?? []).slice(0, MOST).filter((hit, at) => !texts.has(hit.id) && seen(at));
    if (!wanted.length) return;
    await Promise.all(wanted.map(loadText));
    if (current === state && wanted.some((hit) => texts.has(hit.id))) show(state);
  }

  const load = (name) =>
    guideSearch.fetch(name).then(
      (content) => engine.add(name, content),
      // Without this file the titles still answer.
      () => {},
    );

  const loadText = (hit) =>
    guideSearch.fetch(`text/${data.questions[hit.id].number}`).then(
      (content) => content && texts.set(hit.id, content),
      () => {},
    );

  /** What stands in the box is asked for, and what the share link leads to. */
  function typed() {
    const url = new URL(location.href);
    url.hash = "";
    url.searchParams.delete("h");
    url.searchParams.set("q", input.value);
    share.href = url.href;
    ask(input.value);
  }

  // While Chinese is being composed the input holds half-typed letters.
  input.addEventListener("compositionend", typed);
  input.addEventListener("input", () => {
    if (!guideSearch.composing) typed();
  });
  scroll.addEventListener(
    "scroll",
    () => {
      scrolled = true;
      showSeen();
    },
    { passive: true },
  );
  input.form.addEventListener("reset", () =>
    setTimeout(() => {
      typed();
      input.focus();
    }),
  );
  input.form.addEventListener("submit", (event) => event.preventDefault());
  share.addEventListener("click", (event) => {
    event.preventDefault();
    guideSearch.toClipboard(share.href);
  });

  // Arrows walk through the results, Enter opens the first; who types on a result goes on in the input.
  const box = input.closest(".md-search");
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const active = document.activeElement;
    if (event.key === "Enter" && active === input) {
      const best = list.querySelector("a");
      event.preventDefault();
      if (!best) return;
      if (event.ctrlKey || event.metaKey) globalThis.open(best.href, "_blank", "noopener");
      else best.click();
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const stops = [input, ...box.querySelectorAll(".md-search__output :is(:not(details) > [href], summary, details[open] [href])")];
      const step = event.key === "ArrowUp" ? -1 : 1;
      const next = (Math.max(0, stops.indexOf(active)) + stops.length + step) % stops.length;
      event.preventDefault();
      stops[next].focus();
    } else if (event.key.length === 1 && active !== input && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== " ") {
      input.focus();
    }
  });

  showStart();
  if (!guideSearch.composing && input.value) typed();
};
