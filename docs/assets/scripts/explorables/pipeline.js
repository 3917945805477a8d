// Pipeline schedule: who computes what and when, how long devices wait, and how many activations they hold.
//
// The numbers are those of gpipe-pipeline-parallelism/example.py, which the interleaved schedule goes beyond; its order
// is that of Megatron-LM (Narayanan et al., arXiv:2104.04473, section 2.2). Time is counted in twelfths of a stage's forward of one micro-batch: so the chunks of an interleaved schedule and
// the halves of a split backward still take whole numbers of them.
(() => {
  "use strict";

  const { svg, number, short, picture, label, line, axes, mark } = explorables;

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

  /** How many micro-batches a device holds, as points [time, number] of a staircase. */
  function staircase(blocks, last, chunks) {
    const changes = new Map();
    const change = (at, by) => changes.set(at, (changes.get(at) ?? 0) + by);
    for (const { what, start, end } of blocks) {
      if (what === "F") change(start, 1 / chunks);
      if (what === last) change(end, -1 / chunks);
    }
    let now = 0;
    const points = [[0, 0]];
    for (const [at, by] of [...changes].sort(([a], [b]) => a - b)) {
      points.push([at, now], [at, (now += by)]);
    }
    return points;
  }

  /* Words and controls ------------------------------------------------------------------------------------------ */

  const ORDER = ["gpipe", "1f1b", "interleaved", "zero"];
  const percent = (part) => `${number(100 * part, 1)}%`;

  const words = {
    zh: {
      title: "流水线的排程",
      schedule: "排程",
      names: { gpipe: "GPipe", "1f1b": "1F1B", interleaved: "交错式", zero: "零气泡" },
      stages: "卡数 *p*",
      micro: "微批次数 *m*",
      back: "反向是前向的几倍",
      chunks: "交错时每卡的小段数 *v*",
      times: (n) => `${n} 倍`,
      F: "前向",
      B: "反向",
      input: "输入梯度",
      W: "权重梯度",
      idle: "空闲",
      device: "卡",
      peak: "最多留",
      held: "留着激活的微批次数",
      of: (n) => `第 ${n} 卡`,
      axis: "时间，一次前向为 1",
      columns: ["", "时间", "空闲占总时间", "占理想时间", "最多留几份激活"],
      short: ["", "时间", "占总", "占理想", "激活"],
      unfit: (p) => `交错式要求 m 是 p 的倍数，例如 ${p}、${2 * p}、${3 * p}。`,
      tell({ name, p, m, time, busy, idle, share, ideal, held, last }) {
        const least = p > 1 ? `，第 ${p} 卡 ${last} 份` : "";
        return `${name}：每卡忙 ${busy}、闲 ${idle}，共 ${time}。空闲占总时间的 ${share}，是理想时间的 ${ideal}。第 1 卡最多留 ${m} 个微批次中 ${held} 份的激活${least}。`;
      },
      describe: ({ name, p, m, time, rows }) => `甘特图：${name}，${p} 张卡、${m} 个微批次，到时间 ${time} 为止；下面的折线是第 1 卡和最后一卡留着激活的微批次数。各种排程的时间、空闲占总时间、激活峰值：${rows.join("；")}。`,
      row: ({ name, time, share, held }) => `${name} ${time}、${share}、${held}`,
      not: ({ name }) => `${name} 不适用`,
    },
    en: {
      title: "pipeline schedules",
      schedule: "Schedule",
      names: { gpipe: "GPipe", "1f1b": "1F1B", interleaved: "interleaved", zero: "zero bubble" },
      stages: "Devices *p*",
      micro: "Micro-batches *m*",
      back: "Backward over forward",
      chunks: "Chunks a device, interleaved *v*",
      times: (n) => `${n} ×`,
      F: "forward",
      B: "backward",
      input: "input gradients",
      W: "weight gradients",
      idle: "idle",
      device: "device",
      peak: "peak",
      held: "micro-batches whose activations are held",
      of: (n) => `device ${n}`,
      axis: "time, a forward is 1",
      columns: ["", "time", "idle, of time", "of ideal time", "activations held"],
      short: ["", "time", "idle", "of ideal", "held"],
      unfit: (p) => `Interleaving takes an m that p divides: ${p}, ${2 * p}, ${3 * p} …`,
      tell({ name, p, m, time, busy, idle, share, ideal, held, last }) {
        const least = p > 1 ? `, device ${p} at most ${last}` : "";
        return `${name[0].toUpperCase()}${name.slice(1)}: each device is busy for ${busy} and idle for ${idle}, ${time} in all. Idle time is ${share} of the whole and ${ideal} of the ideal. Device 1 holds the activations of at most ${held} of ${m} micro-batch${m === 1 ? "" : "es"}${least}.`;
      },
      describe: ({ name, p, m, time, rows }) => `Gantt chart: ${name}, ${p} device${p === 1 ? "" : "s"}, ${m} micro-batch${m === 1 ? "" : "es"}, up to time ${time}; below it, lines for the micro-batches whose activations the first and the last device hold. Time, idle share of it and peak of activations by schedule: ${rows.join("; ")}.`,
      row: ({ name, time, share, held }) => `${name} ${time}, ${share}, ${held}`,
      not: ({ name }) => `${name} does not apply`,
    },
  };

  const controls = (say) => [
    { name: "schedule", kind: "choice", label: say.schedule, value: "gpipe", wide: true, options: ORDER.map((one) => [one, say.names[one]]) },
    { name: "p", kind: "range", label: say.stages, value: 4, min: 1, max: 8, step: 1 },
    { name: "m", kind: "range", label: say.micro, value: 8, min: 1, max: 32, step: 1 },
    { name: "back", kind: "range", label: say.back, value: 2, min: 1, max: 3, step: 1, format: say.times },
    { name: "v", kind: "range", label: say.chunks, value: 2, min: 2, max: 4, step: 1 },
  ];

  function compute({ schedule, p, m, back, v }) {
    const settings = { stages: p, micro: m, back, chunks: v };
    const all = Object.fromEntries(ORDER.map((one) => [one, play(one, settings)]));
    return { all, chosen: all[schedule], longest: (m + p - 1) * (1 + back) };
  }

  /* The picture ------------------------------------------------------------------------------------------------- */

  const CHART = { top: 30, height: 160 };
  const HELD = { top: 206, height: 156 };
  const TABLE = { top: 384, row: 24 };
  const height = () => TABLE.top + TABLE.row * (ORDER.length + 1);

  const partsOf = (schedule, v) => (schedule === "interleaved" ? v : 1);

  /** The blocks of each device; forwards stand high, backwards low, the weights' part in the middle. */
  function chart({ state: { schedule, p, v }, result: { chosen, longest }, words: say, left, right }) {
    const row = Math.min(40, CHART.height / p);
    const unit = (right - left) / longest;
    const size = Math.min(13, row - 5);
    const rise = { F: [0, 3], B: [3, 0], W: [1.5, 1.5] };
    return chosen.blocks.map((mine, device) => {
      const top = CHART.top + device * row;
      return [
        svg("rect", { x: left, y: top, width: unit * chosen.time, height: row - 2, fill: "var(--rule)", opacity: 0.55 }),
        label(left - 8, top + row / 2 + 3.5, device + 1, "end"),
        label(right + 6, top + row / 2 + 3.5, short(chosen.held[device]), "t"),
        mine.map(({ what, micro, chunk, start, end }) => {
          const wide = unit * (end - start);
          const text = String(micro + 1);
          // Later chunks are darker.
          const shade = schedule === "interleaved" ? 0.25 + (0.25 * chunk) / (v - 1) : 0.42;
          const [above, below] = rise[what];
          return [
            svg("rect", {
              class: { F: "p1", B: "p2", W: "p3" }[what],
              x: left + unit * start + 0.4,
              y: top + above,
              width: Math.max(0.4, wide - 0.8),
              height: row - 2 - above - below,
              opacity: shade,
            }),
            wide > 4 + text.length * size * 0.58 && size > 9 ? svg("text", { class: "t mid", x: left + unit * ((start + end) / 2), y: top + row / 2 + size * 0.28, style: `font-size:${size}px` }, text) : null,
          ];
        }),
      ];
    });
  }

  function keys({ state: { schedule }, words: say, width }) {
    const names = schedule === "zero" ? { F: say.F, B: say.input, W: say.W } : { F: say.F, B: say.B };
    const entries = [...Object.entries(names), ["idle", say.idle]];
    let x = 0;
    return [
      entries.map(([what, name]) => {
        const at = x;
        x += 24 + [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 13 : 7.8), 0) + 10;
        const fill = what === "idle" ? { fill: "var(--rule)", opacity: 0.55 } : { class: { F: "p1", B: "p2", W: "p3" }[what], opacity: 0.42 };
        return [svg("rect", { x: at, y: 3, width: 16, height: 12, ...fill }), label(at + 22, 13, name, "t")];
      }),
      label(width, 13, say.peak, "end"),
    ];
  }

  /** What the first and the last device hold over time. */
  function heldPlot({ state: { schedule, p, m, v }, result: { chosen, longest }, words: say, width, left, right }) {
    const most = Math.max(4, ...(chosen?.held ?? [m]));
    const step = Math.max(1, Math.ceil(most / 4));
    const place = axes({
      width,
      height: HELD.height,
      top: 44,
      left,
      right: width - right,
      x: { min: 0, max: longest, title: say.axis, ticks: [0, longest / 3, (2 * longest) / 3, longest].map((one) => Math.round(one)) },
      y: { min: 0, max: most, title: say.held, ticks: Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step) },
    });
    if (!chosen) return svg("g", { transform: `translate(0 ${HELD.top})` }, place.nodes);
    const last = schedule === "zero" ? "W" : "B";
    const shown = p > 1 ? [0, p - 1] : [0];
    const lines = shown.map((device) => staircase(chosen.blocks[device], last, partsOf(schedule, v)));
    const peaks = lines.map((points) => points.reduce((best, one) => (one[1] > best[1] ? one : best)));
    return svg(
      "g",
      { transform: `translate(0 ${HELD.top})` },
      place.nodes,
      lines.map((points, i) => line(place, points, i + 1)),
      peaks.map(([at, top], i) => {
        const x = place.x(at);
        const end = x > (left + right) / 2;
        const above = i === 0 ? -7 : 15;
        return [mark(x, place.y(top), i + 1), label(x + (end ? -6 : 6), place.y(top) + above, say.of(shown[i] + 1), `t halo${end ? " end" : ""}`)];
      }),
    );
  }

  function table({ state, result: { all }, words: say, width }) {
    const roomy = width > 520;
    const at = roomy ? [0, 0.32, 0.54, 0.74, 1].map((part) => part * width) : [0, 0.44, 0.62, 0.82, 1].map((part) => part * width);
    const cells = (texts, y, kind) => texts.map((text, i) => label(at[i], y, text, i ? `${kind} end` : kind));
    return [
      cells(roomy ? say.columns : say.short, TABLE.top + 15, ""),
      svg("path", { class: "ax", d: `M0 ${TABLE.top + TABLE.row - 1.5}H${width}` }),
      ORDER.map((one, i) => {
        const y = TABLE.top + TABLE.row * (i + 1);
        const played = all[one];
        const rest = played ? [short(played.time, 5), percent(played.idle / played.time), percent(played.idle / played.busy), short(Math.max(...played.held))] : ["–", "–", "–", "–"];
        return [
          one === state.schedule ? svg("rect", { x: 0, y, width, height: TABLE.row - 1, fill: "var(--qing-tint)" }) : null,
          cells([one === state.schedule ? ` ${say.names[one]}` : say.names[one], ...rest], y + 16.5, one === state.schedule ? "t b" : "t"),
          svg("path", { class: "gr", d: `M0 ${y + TABLE.row - 0.5}H${width}` }),
        ];
      }),
    ];
  }

  function draw(given) {
    const { state, result, words: say, width } = given;
    const left = 24;
    const right = width - 30;
    const room = { ...given, left, right };
    return picture(
      width,
      height(),
      keys(given),
      result.chosen ? chart(room) : label(left, CHART.top + 40, say.unfit(state.p), "t"),
      heldPlot(room),
      table(given),
    );
  }

  function tell({ state: { schedule, p, m }, result: { chosen }, words: say }) {
    if (!chosen) return say.unfit(p);
    const { time, busy, idle, held } = chosen;
    return say.tell({ name: say.names[schedule], p, m, time: short(time, 5), busy, idle: short(idle), share: percent(idle / time), ideal: percent(idle / busy), held: short(held[0]), last: short(held.at(-1)) });
  }

  function describe({ state: { schedule, p, m }, result: { all, chosen, longest }, words: say }) {
    const rows = ORDER.map((one) => {
      const name = say.names[one];
      const played = all[one];
      return played ? say.row({ name, time: short(played.time, 5), share: percent(played.idle / played.time), held: short(Math.max(...played.held)) }) : say.not({ name });
    });
    return say.describe({ name: say.names[schedule], p, m, time: short(chosen?.time ?? longest, 5), rows });
  }

  explorables.define("pipeline", { words, controls, arithmetic: { schedules, play }, compute, height, draw, tell, describe, lines: { zh: [2, 4], en: [3, 5] } });
})();
