// Pipeline schedule: who computes what and when, how long devices wait, and how many activations they hold.
//
// Time is counted in twelfths of a stage's forward of one micro-batch: so the chunks of an interleaved schedule and
// the halves of a split backward still take whole numbers of them.
(() => {
  "use strict";

  const UNIT = 12;

  /* Schedules ------------------------------------------------------------------------------------------------- */

  // A schedule is, for each device, the order of its tasks [what, micro-batch, chunk]. F is the forward, B the
  // backward or, where W stands apart, its part for the gradient of the input; W is the part for that of the weights.
  const range = (length) => Array.from({ length }, (_, i) => i);

  /** All forwards, then all backwards. */
  const gpipe = (stages, micro) => range(stages).map(() => [...range(micro).map((i) => ["F", i, 0]), ...range(micro).map((i) => ["B", i, 0])]);

  /** A warm-up of `warm` forwards, then one forward and one backward in turn, then the remaining backwards. */
  function alternate(forwards, backwards, warm) {
    const order = forwards.slice(0, warm);
    const rest = forwards.slice(warm);
    rest.forEach((task, i) => order.push(task, backwards[i]));
    return order.concat(backwards.slice(rest.length));
  }

  const oneForwardOneBackward = (stages, micro) =>
    range(stages).map((stage) => {
      const tasks = (what) => range(micro).map((i) => [what, i, 0]);
      return alternate(tasks("F"), tasks("B"), Math.min(stages - 1 - stage, micro));
    });

  /** Each device has `chunks` small stages; micro-batches go through them in groups of as many as there are devices. */
  function interleaved(stages, micro, chunks) {
    const tasks = (what) =>
      range(micro * chunks).map((at) => {
        const inGroup = at % (stages * chunks);
        const chunk = Math.floor(inGroup / stages);
        const which = Math.floor(at / (stages * chunks)) * stages + (inGroup % stages);
        return [what, which, what === "F" ? chunk : chunks - 1 - chunk];
      });
    return range(stages).map((stage) => {
      const warm = (stages - 1 - stage) * 2 + (chunks - 1) * stages;
      return alternate(tasks("F"), tasks("B"), Math.min(warm, micro * chunks));
    });
  }

  /** Backward in two: the input's gradient at once, that of the weights put off. */
  function zeroBubble(stages, micro) {
    return range(stages).map((stage) => {
      const warm = Math.min(stages - stage, micro);
      const order = range(warm).map((i) => ["F", i, 0]);
      for (const i of range(micro)) {
        order.push(["B", i, 0]);
        if (i >= stage) order.push(["W", i - stage, 0]);
        if (warm + i < micro) order.push(["F", warm + i, 0]);
      }
      for (let i = Math.max(micro - stage, 0); i < micro; i++) order.push(["W", i, 0]);
      return order;
    });
  }

  const schedules = { gpipe, "1f1b": oneForwardOneBackward, interleaved, zero: zeroBubble };

  /* Simulation ------------------------------------------------------------------------------------------------ */

  /** What a task waits for: the activations of the stage before, the gradients of the stage behind. */
  function needs([what, micro, chunk], device, devices, chunks) {
    const key = (what, stage) => `${what} ${stage} ${micro}`;
    const stage = chunk * devices + device;
    if (what === "F") return stage ? [key("F", stage - 1)] : [];
    if (what === "W") return [key("B", stage)];
    return stage + 1 < devices * chunks ? [key("F", stage), key("B", stage + 1)] : [key("F", stage)];
  }

  /** The tasks of each device with their start and end, each as early as it can be. */
  function simulate(orders, cost, chunks) {
    const done = new Map();
    const free = orders.map(() => 0);
    const blocks = orders.map(() => []);
    for (let moved = true; moved; ) {
      moved = false;
      orders.forEach((order, device) => {
        while (blocks[device].length < order.length) {
          const task = order[blocks[device].length];
          const waited = needs(task, device, orders.length, chunks).map((key) => done.get(key));
          if (waited.includes(undefined)) return;
          const start = Math.max(free[device], ...waited);
          const end = start + cost[task[0]];
          const [what, micro, chunk] = task;
          blocks[device].push({ what, micro, chunk, start, end });
          done.set(`${what} ${chunk * orders.length + device} ${micro}`, end);
          free[device] = end;
          moved = true;
        }
      });
    }
    if (blocks.some((mine, device) => mine.length < orders[device].length)) throw new Error("a schedule that waits for itself");
    return blocks;
  }

  /** What each kind of task takes; `back` is the backward in forwards. */
  function costs(schedule, back, chunks) {
    if (schedule === "zero") {
      // The weights' part may be longer neither than a forward nor than the other part, or it sets the pace.
      const weights = Math.min(UNIT, (back * UNIT) / 2);
      return { F: UNIT, B: back * UNIT - weights, W: weights };
    }
    const parts = schedule === "interleaved" ? chunks : 1;
    return { F: UNIT / parts, B: (back * UNIT) / parts };
  }

  /** The most micro-batches whose activations a device holds at once; a chunk's are a part of the stage's. */
  function held(blocks, last, chunks) {
    const events = blocks.flatMap(({ what, start, end }) => [
      ...(what === "F" ? [[start, 1]] : []),
      ...(what === last ? [[end, -1]] : []),
    ]);
    events.sort(([at, change], [other, otherChange]) => at - other || change - otherChange);
    let now = 0;
    let most = 0;
    for (const [, change] of events) most = Math.max(most, (now += change));
    return most / chunks;
  }

  /**
   * A schedule played through, times in forwards: `blocks` of each device, `time` in all, `busy` and `idle` for each
   * device, `held` by each. Undefined where micro-batches do not fit the schedule.
   */
  function play(schedule, { stages, micro, back, chunks }) {
    const parts = schedule === "interleaved" ? chunks : 1;
    if (parts > 1 && micro % stages) return undefined;
    const blocks = simulate(schedules[schedule](stages, micro, parts), costs(schedule, back, parts), parts);
    for (const block of blocks.flat()) {
      block.start /= UNIT;
      block.end /= UNIT;
    }
    const time = Math.max(...blocks.flat().map(({ end }) => end));
    const busy = micro * (1 + back);
    return { blocks, time, busy, idle: time - busy, held: blocks.map((mine) => held(mine, schedule === "zero" ? "W" : "B", parts)) };
  }

  globalThis.pipeline = { schedules, play };
})();
