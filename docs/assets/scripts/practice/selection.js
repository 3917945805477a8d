// Which questions a session asks, and in what order.
(() => {
  "use strict";

  const { settings, questions } = guidePractice;
  const MOCK = 8;

  function shuffled(list) {
    const copy = [...list];
    for (let last = copy.length - 1; last > 0; last--) {
      const other = Math.floor(Math.random() * (last + 1));
      [copy[last], copy[other]] = [copy[other], copy[last]];
    }
    return copy;
  }

  /** The slugs that a choice {levels, topics, plan, which} leaves, in the order of its plan or of the guide; empty lists choose all. */
  function matching({ levels, topics, plan, which }) {
    const { questions: records } = studyGuide.read();
    const passes = {
      any: () => true,
      due: (record) => studyGuide.isDue(record),
      wrong: (record) => studyGuide.wasWrong(record),
      new: (record) => studyGuide.stateOf(record) === "new" && !studyGuide.reviewsOf(record).length,
    }[which];
    return (settings.plans[plan] ?? [...questions.keys()]).filter((slug) => {
      const { level, topic } = questions.get(slug);
      return (!levels.length || levels.includes(level)) && (!topics.length || topics.includes(topic)) && passes(records[slug]);
    });
  }

  /** What is due first, then what is begun or new, then what comes due next. */
  function forReview(choice, count) {
    const slugs = matching(choice);
    const { due, further } = studyGuide.today(slugs, Infinity);
    const { questions: records } = studyGuide.read();
    const rest = slugs.filter((slug) => !due.includes(slug) && !further.includes(slug));
    rest.sort((a, b) => records[a].schedule.due - records[b].schedule.due);
    return [...due, ...further, ...rest].slice(0, count || undefined).map((slug) => ({ slug }));
  }

  /** Eight questions, each topic once before any comes twice, the levels as evenly as they allow. */
  function forInterview(choice) {
    const pool = shuffled(matching(choice));
    const topics = shuffled([...new Set(pool.map((slug) => questions.get(slug).topic))]);
    const asked = { basic: 0, intermediate: 0, advanced: 0 };
    const drawn = [];
    for (let turn = 0; drawn.length < Math.min(MOCK, pool.length); turn++) {
      const topic = topics[turn % topics.length];
      const left = pool.filter((slug) => questions.get(slug).topic === topic && !drawn.includes(slug));
      left.sort((a, b) => asked[questions.get(a).level] - asked[questions.get(b).level]);
      if (!left.length) continue;
      drawn.push(left[0]);
      asked[questions.get(left[0]).level] += 1;
    }
    // An interview begins with what is easy.
    const rank = (slug) => Object.keys(asked).indexOf(questions.get(slug).level);
    return drawn.sort((a, b) => rank(a) - rank(b)).map((slug) => ({ slug }));
  }

  /** Follow-up questions in any order: {slug, part}. */
  function forFollowUps(choice, count) {
    const all = matching(choice).flatMap((slug) => Array.from({ length: questions.get(slug).followUps }, (_, part) => ({ slug, part })));
    return shuffled(all).slice(0, count || undefined);
  }

  /** What practice asks when nothing is chosen: all that is due, or at least five questions. */
  function forToday() {
    const { due, further } = studyGuide.today([...questions.keys()], 5);
    return [...due, ...further].map((slug) => ({ slug }));
  }

  guidePractice.selection = { matching, forReview, forInterview, forFollowUps, forToday };
})();
