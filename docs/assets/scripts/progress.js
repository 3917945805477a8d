// What the reader knows. Kept in this browser only, under one key that both languages share:
//
//   localStorage["study-guide"] = {"version": 2, "begun": <time>, "questions": {"<slug>": {
//     "mark": ["new" | "learning" | "known", <time>],      what the reader said last
//     "reviews": [[<time>, <grade 1 to 4>], …],            every answer that was graded; grade 0: taken back
//     "forgotten": <time>,                                 reviews up to then count no more
//     "schedule": {"due": <time>, "days": <n>, "state": <n>}   what FSRS makes of the reviews
//   }}}
//
// Times are milliseconds since 1970. Marks and reviews are only ever added, so two documents can always be merged and
// nothing is lost: that is how an import works, and how two tabs that write at the same moment come to agree. A reset
// begins anew: of two documents the one that was begun later holds. `schedule` follows from the reviews; it is kept
// because only the practice page loads the scheduler. What this script does not know it leaves as it is.
//
// Whatever is stored, a page works: what cannot be read is set aside under "study-guide.aside", for the reader to download.
//
// A classic script without imports: browsers load no modules from file://, and the guide is also read from a folder.
(() => {
  "use strict";

  const KEY = "study-guide";
  const ASIDE = "study-guide.aside";
  const VERSION = 2;
  const STATES = ["new", "learning", "known"];
  // Who will still hold an answer in so many days knows it.
  const KNOWN_DAYS = 7;
  const DAY = 86_400_000;

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const isTime = (value) => Number.isFinite(value) && value >= 0;
  const empty = (begun = 0) => ({ version: VERSION, begun, questions: {} });

  /* Reading: any text becomes a document and a verdict -------------------------------------------------------- */

  /** The document in `text`, and whether all of it could be understood. */
  function parse(text) {
    if (text === null || text === undefined) return { data: empty(), sound: true };
    let stored;
    try {
      stored = JSON.parse(text);
    } catch {
      return { data: null, sound: false };
    }
    if (stored === null) return { data: empty(), sound: true };
    if (isObject(stored) && stored.version === 1) stored = fromVersion1(stored);
    const understood = isObject(stored) && stored.version === VERSION && isObject(stored.questions) && isTime(stored.begun ?? 0);
    if (!understood) return { data: null, sound: false };
    const questions = {};
    let sound = true;
    for (const [slug, record] of Object.entries(stored.questions)) {
      if (isRecord(record)) questions[slug] = record;
      else sound = false;
    }
    return { data: { ...stored, begun: stored.begun ?? 0, questions }, sound };
  }

  /** Version 1 knew one thing of a question: {"known": "<ISO date>"}. */
  function fromVersion1(stored) {
    const questions = {};
    for (const [slug, record] of Object.entries(isObject(stored.questions) ? stored.questions : {})) {
      if (!isObject(record)) {
        questions[slug] = record;
        continue;
      }
      const { known, ...rest } = record;
      questions[slug] = known ? { ...rest, mark: ["known", Date.parse(known) || 1] } : rest;
    }
    return { ...stored, version: VERSION, begun: 0, questions };
  }

  function isRecord(record) {
    if (!isObject(record)) return false;
    const { mark, reviews, forgotten, schedule } = record;
    const isReview = (one) => Array.isArray(one) && isTime(one[0]) && [0, 1, 2, 3, 4].includes(one[1]);
    return (
      (mark === undefined || (Array.isArray(mark) && STATES.includes(mark[0]) && isTime(mark[1]))) &&
      (reviews === undefined || (Array.isArray(reviews) && reviews.every(isReview))) &&
      (forgotten === undefined || isTime(forgotten)) &&
      (schedule === undefined || (isObject(schedule) && [schedule.due, schedule.days, schedule.state].every(isTime)))
    );
  }

  // Stands in when storage is refused (private windows, blocked cookies), so that marks live as long as the page.
  let fallback = null;
  // What is stored cannot be read and there is no room to set it aside: nothing is written over it.
  let sealed = false;

  /** The document as it is stored now. */
  function read() {
    if (fallback) return fallback;
    let text;
    try {
      text = localStorage.getItem(KEY);
    } catch {
      return empty();
    }
    const { data, sound } = parse(text);
    if (sound) return data;
    const saved = data ?? empty();
    if (setAside(text)) write(saved);
    else [fallback, sealed] = [saved, true];
    return saved;
  }

  /** Stores the document; false if the browser refuses. */
  function write(data) {
    try {
      if (sealed) throw new Error("sealed");
      localStorage.setItem(KEY, JSON.stringify(data));
      fallback = null;
    } catch {
      fallback = data;
    }
    return fallback === null;
  }

  /* What was set aside ---------------------------------------------------------------------------------------- */

  /** [{at, text, told}]: data that could not be read, oldest first. */
  function aside() {
    let text = null;
    try {
      text = localStorage.getItem(ASIDE);
      const entries = JSON.parse(text) ?? [];
      if (Array.isArray(entries) && entries.every((one) => isObject(one) && typeof one.text === "string")) return entries;
    } catch {
      // falls through to the text itself
    }
    return text === null ? [] : [{ at: 0, text, told: false }];
  }

  function keepAside(entries) {
    try {
      if (entries.length) localStorage.setItem(ASIDE, JSON.stringify(entries));
      else localStorage.removeItem(ASIDE);
      return true;
    } catch {
      return false;
    }
  }

  function setAside(text) {
    const entries = aside().filter((one) => one.text !== text);
    return keepAside([...entries, { at: Date.now(), text, told: false }]);
  }

  /* Merging ---------------------------------------------------------------------------------------------------- */

  // [[time, grade]] → schedule; set by the practice page, which loads the scheduler.
  let scheduler = null;

  const sameReviews = (one, other) => JSON.stringify(one ?? []) === JSON.stringify(other ?? []);

  function mergeReviews(one = [], other = []) {
    const grades = new Map();
    // Of two grades at the same moment the smaller holds, so that what was taken back stays taken back.
    for (const [at, grade] of [...one, ...other]) grades.set(at, Math.min(grade, grades.get(at) ?? grade));
    return [...grades].sort(([a], [b]) => a - b);
  }

  const later = (one, other) => {
    if (!one || !other) return one ?? other;
    return one[1] > other[1] || (one[1] === other[1] && one[0] > other[0]) ? one : other;
  };

  /** Both records in one, with its keys in a fixed order. */
  function mergeRecords(one = {}, other = {}) {
    const { mark: _m, reviews: _r, forgotten: _f, schedule: _s, ...rest } = { ...one, ...other };
    const mark = later(one.mark, other.mark);
    const reviews = mergeReviews(one.reviews, other.reviews);
    const forgotten = Math.max(one.forgotten ?? 0, other.forgotten ?? 0);
    const from = [one, other].find((part) => part.schedule && sameReviews(part.reviews, reviews) && (part.forgotten ?? 0) === forgotten);
    const counted = reviews.filter(([at, grade]) => grade && at > forgotten);
    const schedule = counted.length ? (scheduler ? scheduler(counted) : from?.schedule) : undefined;
    return {
      ...rest,
      ...(mark && { mark }),
      ...(reviews.length && { reviews }),
      ...(forgotten && { forgotten }),
      ...(schedule && { schedule }),
    };
  }

  function merge(one, other) {
    if (one.begun !== other.begun) return one.begun > other.begun ? one : other;
    const slugs = [...new Set([...Object.keys(one.questions), ...Object.keys(other.questions)])].sort();
    const questions = {};
    for (const slug of slugs) questions[slug] = mergeRecords(one.questions[slug], other.questions[slug]);
    return { ...one, ...other, questions };
  }

  /* Changing --------------------------------------------------------------------------------------------------- */

  // What this page has added. Another tab that has read the document before and writes after would drop it;
  // the storage event shows that, and it is added again.
  let mine = empty();

  /** Adds to the record of a question; false if the browser refuses to store it. */
  function add(slug, record) {
    const stored = read();
    if (mine.begun !== stored.begun) mine = empty(stored.begun);
    mine = merge(mine, { ...empty(mine.begun), questions: { [slug]: record } });
    const saved = write(merge(stored, mine));
    tell();
    return saved;
  }

  const tell = () => dispatchEvent(new CustomEvent("study-guide:change"));

  // Times of one question differ, whatever the clock does.
  function moment(slug) {
    const { mark, reviews = [], forgotten = 0 } = read().questions[slug] ?? {};
    return Math.max(Date.now(), (mark?.[1] ?? 0) + 1, (reviews.at(-1)?.[0] ?? 0) + 1, forgotten + 1);
  }

  /** The reader says how far a question has come; "new" begins it anew. */
  function mark(slug, state) {
    const at = moment(slug);
    return add(slug, { mark: [state, at], ...(state === "new" && { forgotten: at }) });
  }

  /** Notes an answer and its grade, 1 to 4; returns the time that it goes by. */
  function review(slug, grade) {
    const at = moment(slug);
    add(slug, { reviews: [[at, grade]] });
    return at;
  }

  const takeBack = (slug, at) => add(slug, { reviews: [[at, 0]] });

  function reset() {
    mine = empty(Date.now());
    write(mine);
    tell();
  }

  /** Adds what an exported file holds; null if that cannot be read, else how many reviews and marks were new. */
  function include(text) {
    const { data } = parse(text);
    if (!data) return null;
    const stored = read();
    const count = (questions) =>
      Object.values(questions).reduce((sum, one) => sum + (one.reviews?.length ?? 0) + (one.mark ? 1 : 0), 0);
    const before = count(stored.questions);
    mine = merge({ ...mine, begun: stored.begun }, { ...data, begun: stored.begun });
    const merged = merge(stored, mine);
    write(merged);
    tell();
    return count(merged.questions) - before;
  }

  /** Takes the scheduler, [[time, grade]] → schedule, and brings every schedule up to date with it. */
  function useScheduler(schedule) {
    scheduler = schedule;
    const stored = read();
    const merged = merge(stored, mine.begun === stored.begun ? mine : empty(stored.begun));
    if (JSON.stringify(merged) !== JSON.stringify(stored)) write(merged);
    tell();
  }

  /* Asking ----------------------------------------------------------------------------------------------------- */

  /** The reviews that count, oldest first. */
  const reviewsOf = (record) => (record?.reviews ?? []).filter(([at, grade]) => grade && at > (record.forgotten ?? 0));

  /** "new", "learning" or "known". A mark holds until an answer contradicts it. */
  function stateOf(record) {
    const reviews = reviewsOf(record);
    const [said, at] = record?.mark ?? ["new", 0];
    const since = reviews.filter(([time]) => time > at);
    if (!since.length) return said;
    if (said === "known" && since.every(([, grade]) => grade >= 3)) return "known";
    const { state, days } = record.schedule ?? {};
    return state === 2 && days >= KNOWN_DAYS ? "known" : "learning";
  }

  /** Due today: its time comes before the next midnight. */
  function isDue(record, now = Date.now()) {
    const midnight = new Date(now).setHours(24, 0, 0, 0);
    return reviewsOf(record).length > 0 && record.schedule !== undefined && record.schedule.due < midnight;
  }

  /** Whether the last day on which it was asked saw the grade 1. */
  function wasWrong(record) {
    const reviews = reviewsOf(record);
    if (!reviews.length) return false;
    const day = new Date(reviews.at(-1)[0]).setHours(0, 0, 0, 0);
    return reviews.some(([at, grade]) => at >= day && grade === 1);
  }

  const slugs = (test) => {
    const { questions } = read();
    return new Set(Object.keys(questions).filter((slug) => test(questions[slug])));
  };

  /** What to ask today out of `order`: all that is due, longest overdue first, filled up to `least` with what is begun, then new. */
  function today(order, least) {
    const { questions } = read();
    const due = order.filter((slug) => isDue(questions[slug])).sort((a, b) => questions[a].schedule.due - questions[b].schedule.due);
    const idle = order.filter((slug) => !questions[slug]?.schedule);
    const further = ["learning", "new"].flatMap((state) => idle.filter((slug) => stateOf(questions[slug]) === state));
    return { due, further: further.slice(0, Math.max(0, least - due.length)) };
  }

  // Another tab of the guide changed it.
  addEventListener("storage", (event) => {
    if (event.key !== KEY && event.key !== null) return;
    if (event.key === null || event.newValue === null) mine = empty(); // somebody cleared the browser's data
    const stored = read();
    const merged = stored.begun > mine.begun ? stored : merge(stored, mine);
    if (JSON.stringify(merged) !== JSON.stringify(stored)) write(merged);
    tell();
  });
  addEventListener("pageshow", (event) => event.persisted && tell());

  globalThis.studyGuide = {
    DAY,
    read,
    mark,
    review,
    takeBack,
    reset,
    include,
    useScheduler,
    aside,
    keepAside,
    reviewsOf,
    stateOf,
    isDue,
    wasWrong,
    today,
    record: (slug) => read().questions[slug],
    knownSlugs: () => slugs((record) => stateOf(record) === "known"),
    dueSlugs: () => slugs((record) => isDue(record)),
  };
})();
