// When to ask again: FSRS, as ts-fsrs computes it from the graded answers.
(() => {
  "use strict";

  // A forgotten answer is asked again after ten minutes; nothing is spread at random, so that the same reviews
  // give the same schedule in every tab and on every computer.
  const scheduler = FSRS.fsrs({ enable_fuzz: false, learning_steps: ["10m"], relearning_steps: ["10m"] });

  // ts-fsrs counts days by the calendar of UTC. It is given the reader's own clock as if it were that.
  const offset = (time) => new Date(time).getTimezoneOffset() * 60_000;
  const toClock = (time) => new Date(time - offset(time));
  const fromClock = (clock) => clock.getTime() + offset(clock.getTime());

  /** The card that the reviews, [[time, grade]], have led to; a new one for none. */
  function cardAfter(reviews, now) {
    let card = FSRS.createEmptyCard(toClock(reviews[0]?.[0] ?? now));
    for (const [at, grade] of reviews) card = scheduler.next(card, toClock(at), grade).card;
    return card;
  }

  /** {due, days, state}: the time of the next review, the days until then, the state as FSRS numbers it (2: in review). */
  function schedule(reviews) {
    const card = cardAfter(reviews);
    return { due: fromClock(card.due), days: card.scheduled_days, state: card.state };
  }

  /** For each grade, 1 to 4, in how many milliseconds it would be asked again. */
  function waits(reviews, now) {
    const preview = scheduler.repeat(cardAfter(reviews, now), toClock(now));
    return [1, 2, 3, 4].map((grade) => fromClock(preview[grade].card.due) - now);
  }

  guidePractice.waits = waits;
  studyGuide.useScheduler(schedule);
})();
