// Speculative decoding: what a round yields, the speed-up against the length of the draft, and rounds drawn by chance.
// The numbers are those of speculative-decoding/example.py.
(() => {
  "use strict";

  const { svg, number, short, picture, label, axes, line, mark, randomly } = explorables;

  /* Arithmetic ------------------------------------------------------------------------------------------------- */

  /** Expected tokens of a round: (1 - alpha^(gamma+1)) / (1 - alpha), term by term. */
  function tokensPerRun(alpha, gamma) {
    let sum = 0;
    for (let k = 0; k <= gamma; k += 1) sum += alpha ** k;
    return sum;
  }

  const speedup = (alpha, gamma, c) => tokensPerRun(alpha, gamma) / (gamma * c + 1);
  /** Operations a token, as a multiple of decoding without drafts; c also as the draft's share of operations. */
  const operations = (alpha, gamma, c) => (gamma * c + gamma + 1) / tokensPerRun(alpha, gamma);

  // Llama 3 8B in 16 bits on an A100 80 GB at its peak rates.
  const PARAMETERS = 8030261248;
  const [LAYERS, WIDTH, CACHE] = [32, 4096, 131072];
  const [BANDWIDTH, RATE] = [2.039e12, 312e12];

  /** Seconds of a target run over `tokens` positions of each of `batch` sequences. */
  function step(batch, context, tokens) {
    const read = 2 * PARAMETERS + batch * context * CACHE;
    const each = 2 * PARAMETERS + 4 * LAYERS * WIDTH * context;
    return Math.max(read / BANDWIDTH, (batch * tokens * each) / RATE);
  }

  /** The speed-up where verification may cost more than a step. */
  function batchSpeedup(batch, context, alpha, gamma, c) {
    const plain = step(batch, context, 1);
    return (tokensPerRun(alpha, gamma) * plain) / (gamma * c * plain + step(batch, context, gamma + 1));
  }

  /** The draft length up to `most` at which `of(gamma)` is largest; the first of equal ones. */
  function best(of, most) {
    let found = 0;
    for (let gamma = 1; gamma <= most; gamma += 1) if (of(gamma) > of(found)) found = gamma;
    return found;
  }

  /** How many drafts each of `count` rounds accepts, each draft with probability alpha on its own. */
  function rounds(alpha, gamma, count, seed) {
    const random = randomly(seed);
    return Array.from({ length: count }, () => {
      let accepted = 0;
      while (accepted < gamma && random() < alpha) accepted += 1;
      return accepted;
    });
  }

  /* Words ------------------------------------------------------------------------------------------------------ */

  const MOST = 16;
  const COUNT = 12;
  const words = {
    zh: {
      title: "投机采样：一轮一轮地猜",
      alpha: "接受率 *α*",
      gamma: "草稿长度 *γ*",
      c: "草稿一步的耗时 *c*",
      batch: "并发序列 *B*",
      context: "每条的 token 数",
      again: "再来 12 轮",
      axis: "加速比",
      below: "草稿长度 *γ*",
      loaded: (batch) => `*B* = ${batch}`,
      rounds: (tokens) => `12 轮，${tokens} 个 token`,
      legend: ["接受", "拒绝", "作废", "目标模型的"],
      tell({ expected, seen, mean, speed, loaded, top, topSpeed, work, batch }) {
        const free = `每轮期望得到 ${expected} 个 token；这 12 轮得到 ${seen} 个，平均 ${mean}。加速 ${speed} 倍，运算是不用时的 ${work} 倍；草稿长度取 ${top} 最快，${topSpeed} 倍。`;
        return batch > 1 ? `${free}一批 ${batch} 条时，验证不再是白做的：${loaded} 倍。` : free;
      },
      describe: (list, rows) => `加速比曲线：${list.map(([gamma, s]) => `γ = ${gamma} 时 ${s}`).join("，")}。12 轮依次接受 ${rows.join("、")} 个。`,
    },
    en: {
      title: "speculative decoding, round by round",
      alpha: "Acceptance *α*",
      gamma: "Draft length *γ*",
      c: "Draft step’s cost *c*",
      batch: "Sequences *B*",
      context: "Tokens in each",
      again: "Another 12 rounds",
      axis: "speed-up",
      below: "draft length *γ*",
      loaded: (batch) => `*B* = ${batch}`,
      rounds: (tokens) => `12 rounds, ${tokens} tokens`,
      legend: ["accepted", "rejected", "void", "target’s"],
      tell({ expected, seen, mean, speed, loaded, top, topSpeed, work, batch }) {
        const free = `A round is expected to yield ${expected} tokens; these 12 gave ${seen}, ${mean} on average. That is ${speed} times as fast for ${work} times the operations; drafts of ${top} are fastest, at ${topSpeed}.`;
        return batch > 1 ? `${free} With ${batch} sequences in a batch verification costs time, too: ${loaded} times.` : free;
      },
      describe: (list, rows) => `Speed-up: ${list.map(([gamma, s]) => `${s} at γ = ${gamma}`).join(", ")}. The 12 rounds accept ${rows.join(", ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const controls = (say) => [
    { name: "alpha", kind: "range", label: say.alpha, value: 0.8, min: 0.05, max: 0.99, step: 0.01, format: (alpha) => number(alpha, 2) },
    { name: "gamma", kind: "range", label: say.gamma, value: 4, min: 0, max: MOST, step: 1, format: String },
    { name: "c", kind: "range", label: say.c, value: 0.05, min: 0, max: 1, step: 0.01, format: (c) => number(c, 2) },
    { name: "batch", kind: "range", label: say.batch, value: 1, stops: [1, 2, 4, 8, 16, 32, 48, 64, 96, 128, 192, 256], format: String },
    { name: "context", kind: "range", label: say.context, value: 1024, stops: [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768], format: (n) => number(n), enabled: (state) => state.batch > 1 },
    { name: "seed", kind: "hidden", value: 1, min: 1, max: 9999 },
  ];

  function compute({ alpha, gamma, c, batch, context, seed }) {
    const free = (g) => speedup(alpha, g, c);
    const loaded = (g) => batchSpeedup(batch, context, alpha, g, c);
    const all = Array.from({ length: MOST + 1 }, (_, g) => g);
    const accepted = rounds(alpha, gamma, COUNT, seed);
    return { free: all.map(free), loaded: batch > 1 ? all.map(loaded) : null, top: best(free, MOST), accepted, tokens: accepted.reduce((a, b) => a + b + 1, 0) };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const WIDE = 520;
  const CURVE = 236;
  const ROUNDS = 262;
  const height = (width) => (width >= WIDE ? ROUNDS : CURVE + 24 + ROUNDS);

  function curve({ result: { free, loaded, top }, state, words: say }, width) {
    const high = Math.max(...free, ...(loaded ?? []));
    const place = axes({
      width,
      height: CURVE,
      left: 30,
      right: 14,
      x: { min: 0, max: MOST, ticks: [0, 4, 8, 12, 16], title: say.below },
      y: { min: 0, max: [2, 3, 5, 8, 12, 18].find((one) => one >= high * 1.08), title: say.axis },
    });
    const points = (values) => values.map((value, g) => [g, value]);
    const at = (values, g) => [place.x(g), place.y(values[g])];
    // Above the end of its line, as far as it reaches.
    const name = (values, text) => label(place.right, place.y(Math.max(...values.slice(loaded && values === loaded ? 11 : 7))) - 9, text, "t end halo");
    return [
      place.nodes,
      svg("path", { class: "ref", d: `M${place.left} ${place.y(1)}H${place.right}` }),
      svg("path", { class: "ref", d: `M${place.x(state.gamma)} ${place.bottom}V${Math.min(at(free, state.gamma)[1], loaded ? at(loaded, state.gamma)[1] : Infinity)}` }),
      line(place, points(free), 1),
      loaded ? line(place, points(loaded), 2) : null,
      top !== state.gamma ? [svg("circle", { class: "ring", cx: at(free, top)[0], cy: at(free, top)[1], r: 3.5 }), label(at(free, top)[0], at(free, top)[1] - 10, `*γ* = ${top}`, "mid halo")] : null,
      mark(...at(free, state.gamma), 1),
      loaded ? mark(...at(loaded, state.gamma), 2) : null,
      loaded ? [name(free, say.loaded(1)), name(loaded, say.loaded(state.batch))] : null,
    ];
  }

  const CELL = 11;
  const PITCH = 17;
  const cells = {
    accepted: (x, y) => svg("rect", { class: "p1", x, y, width: CELL, height: CELL }),
    rejected: (x, y) => svg("path", { class: "gone", d: `M${x + 1.5} ${y + 1.5}l8 8m0-8l-8 8` }),
    void: (x, y) => svg("rect", { class: "ghost", x: x + 0.5, y: y + 0.5, width: CELL - 1, height: CELL - 1 }),
    own: (x, y) => svg("rect", { class: "node k", x: x + 0.6, y: y + 0.6, width: CELL - 1.2, height: CELL - 1.2 }),
  };

  function table({ result: { accepted, tokens }, state, words: say }, left, width) {
    const across = Math.min(14, (width - 30) / (MOST + 1));
    let at = left;
    const legend = Object.values(cells).map((draw, i) => {
      const text = say.legend[i];
      const nodes = [draw(at, 24), label(at + CELL + 4, 34, text)];
      at += CELL + 14 + [...text].reduce((sum, one) => sum + (one > "\u2e80" ? 13 : 7), 0);
      return nodes;
    });
    const rows = accepted.map((n, row) => {
      const y = 48 + row * PITCH;
      const drafts = Array.from({ length: state.gamma }, (_, i) => (i < n ? "accepted" : i === n ? "rejected" : "void"));
      // The target's own token stands in the place of the draft that it rejected, or behind them all.
      const own = cells.own(left + state.gamma * across + 8, y);
      return [drafts.map((kind, i) => cells[kind](left + i * across, y)), own, label(left + state.gamma * across + 8 + CELL + 22, y + CELL - 1, String(n + 1), "t end")];
    });
    return [label(left, 13, say.rounds(tokens), "t"), legend, rows];
  }

  function draw(given) {
    const { width } = given;
    if (width >= WIDE) {
      const right = Math.min(280, width * 0.5);
      return picture(width, height(width), curve(given, width - right - 34), table(given, width - right, right));
    }
    return picture(width, height(width), curve(given, width), svg("g", { transform: `translate(0 ${CURVE + 24})` }, table(given, 0, width)));
  }

  const tell = ({ result: { free, loaded, top, tokens }, state, words: say }) =>
    say.tell({
      expected: number(tokensPerRun(state.alpha, state.gamma), 2),
      seen: tokens,
      mean: number(tokens / COUNT, 2),
      speed: number(free[state.gamma], 2),
      loaded: loaded && number(loaded[state.gamma], 2),
      top,
      topSpeed: number(free[top], 2),
      work: number(operations(state.alpha, state.gamma, state.c), 2),
      batch: state.batch,
    });

  const describe = ({ result: { free, accepted }, words: say }) => say.describe([0, 2, 4, 8, 16].map((g) => [g, short(free[g])]), accepted);

  explorables.define("speculative", {
    words,
    controls,
    arithmetic: { tokensPerRun, speedup, operations, step, batchSpeedup, best: (alpha, c, most) => best((gamma) => speedup(alpha, gamma, c), most), rounds },
    compute,
    height,
    draw,
    tell,
    describe,
    lines: { zh: [2, 4], en: [3, 6] },
    actions: (say) => [{ name: "again", label: say.again, act: (state) => ({ seed: (state.seed % 9999) + 1 }) }],
  });
})();
