// Temperature, truncation and the repetition penalty on a distribution of up to ten tokens, and a hundred draws from
// what is left. The numbers are those of temperature-top-p-top-k/example.py.
(() => {
  "use strict";

  const { svg, number, short, picture, label, clamp, randomly } = explorables;

  /* Arithmetic ------------------------------------------------------------------------------------------------- */

  function softmax(z) {
    const top = Math.max(...z);
    const weights = z.map((one) => Math.exp(one - top));
    const sum = weights.reduce((a, b) => a + b, 0);
    return weights.map((one) => one / sum);
  }

  /** The indices of z, largest first; equal ones in their order. */
  const ranked = (z) => z.map((_, i) => i).sort((a, b) => z[b] - z[a] || a - b);
  const keepOnly = (z, kept) => z.map((one, i) => (kept.has(i) ? one : -Infinity));

  const temperature = (z, t) => (t > 0 ? z.map((one) => one / t) : keepOnly(z, new Set([ranked(z)[0]])));
  const topK = (z, k) => (k > 0 ? keepOnly(z, new Set(ranked(z).slice(0, k))) : z);

  /** Keeps a token if the mass before it is below p: the first stays. */
  function topP(z, p) {
    if (p >= 1) return z;
    const mass = softmax(z);
    const kept = new Set();
    let before = 0;
    for (const i of ranked(z)) {
      if (before < p) kept.add(i);
      before += mass[i];
    }
    return keepOnly(z, kept);
  }

  const minP = (z, base) => (base > 0 ? z.map((one) => (one >= Math.max(...z) + Math.log(base) ? one : -Infinity)) : z);

  /** Logits of tokens that stand in the text already, divided by the penalty where positive, multiplied where not. */
  const penalty = (z, seen, theta) => z.map((one, i) => (seen.includes(i) ? (one > 0 ? one / theta : one * theta) : one));

  // Steps in the order of each engine, after the penalty.
  const orders = {
    transformers: ["temperature", "topK", "topP", "minP"],
    vllm: ["temperature", "minP", "topK", "topP"],
    llamacpp: ["topK", "topP", "minP", "temperature"],
  };
  const steps = { temperature, topK, topP, minP };

  /** { before, after }: the distribution that truncation finds, and what is drawn from. */
  function distribution({ logits, seen, penalty: theta, order, ...settings }) {
    let z = penalty(logits, seen, theta);
    const before = softmax(orders[order][0] === "temperature" ? temperature(z, settings.temperature) : z);
    for (const step of orders[order]) z = steps[step](z, settings[step]);
    return { before, after: softmax(z) };
  }

  const entropy = (p) => -p.reduce((sum, one) => sum + (one > 0 ? one * Math.log(one) : 0), 0);

  /** How often each token comes in `count` draws. */
  function draws(p, count, seed) {
    const random = randomly(seed);
    const counts = p.map(() => 0);
    for (let i = 0; i < count; i += 1) {
      let left = random();
      let at = p.findIndex((one) => (left -= one) < 0);
      if (at < 0) at = p.findLastIndex((one) => one > 0); // rounding
      counts[at] += 1;
    }
    return counts;
  }

  /** The logit that token `i` needs for the probability `p` at temperature `t`, the others staying. */
  function logitFor(p, i, z, t) {
    const others = z.filter((_, j) => j !== i).map((one) => one / t);
    const top = Math.max(...others);
    const sum = top + Math.log(others.reduce((total, one) => total + Math.exp(one - top), 0));
    return t * (Math.log(p / (1 - p)) + sum);
  }

  /* Controls --------------------------------------------------------------------------------------------------- */

  const MOST = 10;
  const LIMIT = 20;
  const names = [..."ABCDEFGHIJ"];
  const shapes = {
    example: [2, 1, 0, -1],
    sharp: [6, 2, 1.5, 1, 0.5, 0, -0.5, -1],
    flat: [0.4, 0.3, 0.3, 0.2, 0.1, 0.1, 0, 0],
    tail: Array.from({ length: MOST }, (_, i) => Number((-1.1 * Math.log(i + 1)).toFixed(2))),
  };
  const written = (logits) => logits.map(String).join(", ");

  function readLogits(text) {
    const found = text.replaceAll("−", "-").split(/[^\d.+-]+/).filter(Boolean).map(Number).filter(Number.isFinite);
    return found.slice(0, MOST).map((one) => clamp(one, -LIMIT, LIMIT));
  }

  /** What the arithmetic is given, from the values of the controls. */
  function settings(state) {
    const typed = readLogits(state.logits);
    const logits = typed.length ? typed : shapes.example;
    return {
      logits,
      seen: state.seen.map((name) => names.indexOf(name)).filter((i) => i < logits.length),
      penalty: state.penalty,
      temperature: state.temperature,
      topK: state.top_k,
      topP: state.top_p,
      minP: state.min_p,
      order: state.order,
    };
  }

  const words = {
    zh: {
      title: "采样：留下谁，抽到谁",
      shape: "分布",
      shapes: { example: "本页的例子", sharp: "尖", flat: "平", tail: "长尾", own: "自己的" },
      logits: "logits（A、B、C……）",
      temperature: "温度 *T*",
      greedy: "0，贪心",
      topK: "top-k",
      topP: "top-p",
      minP: "min-p",
      off: "不用",
      penalty: "重复惩罚",
      seen: "已经出现过",
      order: "次序",
      again: "再抽 100 次",
      rows: ["概率", "token", "logit", "抽 100 次"],
      tell({ kept, mass, first, entropy: h, counts }) {
        const who = kept.length > 1 ? `留下 ${kept.length} 个（${kept.join("、")}），占截断之前质量的 ${mass}。` : `只留下 ${kept[0]}。`;
        return `${who}最可能的是 ${first[0]}，概率 ${first[1]}；熵 ${h} nat。这 100 次抽到 ${counts.map(([name, n]) => `${name} ${n} 次`).join("、")}。`;
      },
      describe: (rows) => `柱状图，每个 token 一根柱。${rows.map(([name, before, after, n]) => `${name}：截断之前 ${before}，之后 ${after ?? "被删"}，抽到 ${n} 次`).join("；")}。`,
    },
    en: {
      title: "sampling: who stays, who is drawn",
      shape: "Distribution",
      shapes: { example: "this page’s", sharp: "sharp", flat: "flat", tail: "long tail", own: "your own" },
      logits: "Logits (A, B, C …)",
      temperature: "Temperature *T*",
      greedy: "0, greedy",
      topK: "Top-k",
      topP: "Top-p",
      minP: "Min-p",
      off: "off",
      penalty: "Repetition penalty",
      seen: "In the text already",
      order: "Order",
      again: "Draw 100 again",
      rows: ["probability", "token", "logit", "100 draws"],
      tell({ kept, mass, first, entropy: h, counts }) {
        const who = kept.length > 1 ? `${kept.length} tokens stay (${kept.join(", ")}), with ${mass} of the mass before truncation.` : `Only ${kept[0]} stays.`;
        return `${who} The likeliest is ${first[0]} at ${first[1]}; the entropy is ${h} nats. The 100 draws gave ${counts.map(([name, n]) => `${name} ${n} times`).join(", ")}.`;
      },
      describe: (rows) => `Bar chart, a bar for each token. ${rows.map(([name, before, after, n]) => `${name}: ${before} before truncation, ${after ?? "removed"}${after ? " after" : ""}, drawn ${n} times`).join("; ")}.`,
    },
  };

  const controls = (say) => [
    { name: "shape", kind: "select", label: say.shape, value: "example", options: Object.entries(say.shapes) },
    { name: "logits", kind: "text", label: say.logits, value: written(shapes.example), longest: 100, wide: true, clean: (text) => written(readLogits(text)) },
    {
      name: "order",
      kind: "select",
      label: say.order,
      value: "transformers",
      options: [
        ["transformers", "Transformers"],
        ["vllm", "vLLM"],
        ["llamacpp", "llama.cpp"],
      ],
    },
    { name: "temperature", kind: "range", label: say.temperature, value: 1, min: 0, max: 3, step: 0.05, format: (t) => (t === 0 ? say.greedy : number(t, 2)) },
    { name: "top_k", kind: "range", label: say.topK, value: 0, min: 0, max: MOST, step: 1, format: (k) => (k === 0 ? say.off : String(k)) },
    { name: "top_p", kind: "range", label: say.topP, value: 0.9, min: 0.05, max: 1, step: 0.01, format: (p) => (p === 1 ? say.off : number(p, 2)) },
    { name: "min_p", kind: "range", label: say.minP, value: 0, min: 0, max: 0.9, step: 0.01, format: (p) => (p === 0 ? say.off : number(p, 2)) },
    { name: "penalty", kind: "range", label: say.penalty, value: 1, min: 1, max: 2, step: 0.05, format: (theta) => (theta === 1 ? say.off : number(theta, 2)) },
    { name: "seen", kind: "set", wide: true, label: say.seen, value: ["A"], options: names.map((name) => [name, name]), offered: (state, name) => names.indexOf(name) < settings(state).logits.length },
    { name: "seed", kind: "hidden", value: 1, min: 1, max: 9999 },
  ];

  function settle(state, name) {
    if (name === "shape" && state.shape !== "own") return { logits: written(shapes[state.shape]) };
    if (name !== "logits") return {};
    return { shape: Object.keys(shapes).find((one) => written(shapes[one]) === state.logits) ?? "own" };
  }

  function compute(state) {
    const given = settings(state);
    const { before, after } = distribution(given);
    return { ...given, before, after, counts: draws(after, 100, state.seed) };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const TOP = 22;
  const BASE = 176;
  const DRAWN = { top: 226, bottom: 296 };
  const height = () => DRAWN.bottom;

  function columns(width, count) {
    const left = 80;
    const step = (width - left) / count;
    return { left, step, bar: Math.min(step * 0.72, 92), at: (i) => left + step * (i + 0.5) };
  }
  const up = (p) => BASE - p * (BASE - TOP);

  function draw({ result: { logits, before, after, counts }, words: say, width }) {
    const { left, step, bar, at } = columns(width, logits.length);
    const roomy = step > 38; // or else the logits stand in their field alone
    const value = (p) => (roomy ? number(p, 2) : number(p, 2).replace(/^0/, ""));
    const cell = Math.min(9, Math.sqrt((bar * (DRAWN.bottom - DRAWN.top)) / 130));
    const across = Math.max(1, Math.floor(bar / cell));
    return picture(
      width,
      DRAWN.bottom,
      [BASE - 4, BASE + 20, BASE + 38, DRAWN.top + 12].map((y, i) => (roomy || i !== 2 ? label(0, y, say.rows[i]) : null)),
      svg("path", { class: "ax", d: `M${left} ${BASE}H${width}` }),
      logits.map((logit, i) => {
        const x = at(i) - bar / 2;
        const gone = after[i] === 0;
        const top = Math.min(up(before[i]), up(after[i]));
        const squares = Array.from({ length: counts[i] }, (_, n) => {
          const [column, row] = [n % across, Math.floor(n / across)];
          return svg("rect", { class: "p1", x: x + column * cell, y: DRAWN.top + row * cell, width: cell - 2, height: cell - 2 });
        });
        return [
          gone ? null : svg("rect", { class: "p1", x, y: up(after[i]), width: bar, height: BASE - up(after[i]) }),
          svg("rect", { class: "ghost", x, y: up(before[i]), width: bar, height: BASE - up(before[i]) }),
          gone ? svg("path", { class: "gone", d: `M${at(i) - 5} ${top - 16}l10 10m0-10l-10 10` }) : label(at(i), top - 6, value(after[i]), "t mid"),
          svg("rect", { class: "handle", "data-handle": i, x: at(i) - step / 2, y: up(before[i]) - 16, width: step, height: 32, fill: "transparent" }),
          label(at(i), BASE + 20, names[i], "t b mid"),
          roomy ? label(at(i), BASE + 38, short(logit), "mid") : null,
          squares,
        ];
      }),
    );
  }

  /** The top of a bar follows the pointer: its token gets the logit that this probability takes. */
  function drag({ y, handle }, { state, result }) {
    const i = Number(handle);
    const t = state.order === "llamacpp" ? 1 : state.temperature;
    if (t === 0 || result.logits.length < 2) return {};
    const p = clamp((BASE - y) / (BASE - TOP), 0.005, 0.98);
    const z = logitFor(p, i, penalty(result.logits, result.seen, result.penalty), t);
    const logit = result.seen.includes(i) ? (z > 0 ? z * result.penalty : z / result.penalty) : z;
    return { logits: written(result.logits.map((one, j) => (j === i ? clamp(Number(logit.toFixed(2)), -LIMIT, LIMIT) : one))) };
  }

  function tell({ result: { before, after, counts }, words: say }) {
    const kept = after.map((p, i) => [names[i], p, before[i]]).filter(([, p]) => p > 0);
    const first = kept.reduce((best, one) => (one[1] > best[1] ? one : best));
    return say.tell({
      kept: kept.map(([name]) => name),
      mass: `${number(100 * kept.reduce((sum, one) => sum + one[2], 0), 1)}%`,
      first: [first[0], number(first[1], 3)],
      entropy: number(entropy(after), 2),
      counts: counts.map((n, i) => [names[i], n]).filter(([, n]) => n > 0),
    });
  }

  const describe = ({ result: { before, after, counts }, words: say }) =>
    say.describe(after.map((p, i) => [names[i], number(before[i], 3), p > 0 ? number(p, 3) : null, counts[i]]));

  explorables.define("sampling", {
    words,
    controls,
    arithmetic: { softmax, temperature, topK, topP, minP, penalty, distribution, entropy, draws, logitFor },
    settle,
    compute,
    height,
    draw,
    drag,
    tell,
    describe,
    lines: { zh: [2, 4], en: [3, 5] },
    actions: (say) => [{ name: "again", label: say.again, act: (state) => ({ seed: (state.seed % 9999) + 1 }) }],
  });
})();
