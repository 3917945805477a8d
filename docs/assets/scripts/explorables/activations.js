// Activation functions with their derivatives, and the hidden units of a feed-forward block, plain or gated.
(() => {
  "use strict";

  const { svg, number, short, clamp, picture, label, axes, line, inside, mark, ends, grip } = explorables;

  /* Arithmetic ------------------------------------------------------------------------------------------------- */

  /** 1 / (1 + e^(−x)); the exponential of −|x| cannot overflow. */
  function sigmoid(x) {
    const e = Math.exp(-Math.abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
  }

  /** Φ(x), the distribution function of the normal distribution: a series near 0, a continued fraction in the tails. */
  function normalCdf(x) {
    const size = Math.abs(x);
    const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
    if (size < 3) {
      let [term, sum] = [x, x];
      for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
        term *= (x * x) / n;
        sum += term;
      }
      return 0.5 + density * sum;
    }
    let fraction = size;
    for (let n = 60; n > 0; n -= 1) fraction = size + n / fraction;
    const tail = density / fraction;
    return x < 0 ? tail : 1 - tail;
  }

  const normalDensity = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  const ROOT = Math.sqrt(2 / Math.PI);
  const swish = (x, beta) => x * sigmoid(beta * x);
  function swishSlope(x, beta) {
    const gate = sigmoid(beta * x);
    return gate + beta * x * gate * (1 - gate);
  }
  function tanhSlope(x) {
    const wave = Math.tanh(ROOT * (x + 0.044715 * x ** 3));
    return (1 + wave) / 2 + (x / 2) * (1 - wave * wave) * ROOT * (1 + 3 * 0.044715 * x * x);
  }

  /** Value and derivative of each function at x; `beta` is Swish's. */
  const FUNCTIONS = {
    relu: { value: (x) => Math.max(0, x), slope: (x) => (x > 0 ? 1 : 0) },
    gelu: { value: (x) => x * normalCdf(x), slope: (x) => normalCdf(x) + x * normalDensity(x) },
    tanh: { value: (x) => (x / 2) * (1 + Math.tanh(ROOT * (x + 0.044715 * x ** 3))), slope: tanhSlope },
    swish: { value: swish, slope: swishSlope },
    sigmoid: { value: sigmoid, slope: (x) => sigmoid(x) * sigmoid(-x) },
    identity: { value: (x) => x, slope: () => 1 },
  };

  // The examples of questions 99 (plain) and 102 to 104 (gated); a row is an input channel, a column a hidden unit.
  const PLAIN = { w: [[1, 0, -1, 2], [0, 1, 1, 1]], b: [0, 0.5, 0, -0.5], out: [[1, 0], [0, 1], [1, 1], [-1, 0.5]], bias: [0.1, -0.1] };
  const GATED = { w: [[1, 0, 2], [0, 1, 1]], v: [[0.5, 1, -1], [1, -1, 0]], out: [[1, 0], [0, 1], [1, 1]], bias: [0, 0] };

  const columns = (x, matrix) => matrix[0].map((_, j) => x[0] * matrix[0][j] + x[1] * matrix[1][j]);

  /** One token through the block: pre-activations, the gate's or activation's value, hidden units, output. */
  function block(x, weights, value) {
    const before = columns(x, weights.w).map((one, j) => one + (weights.b?.[j] ?? 0));
    const factor = before.map(value);
    const other = weights.v ? columns(x, weights.v) : before.map(() => 1);
    const hidden = factor.map((one, j) => one * other[j]);
    const output = weights.bias.map((bias, c) => hidden.reduce((sum, one, j) => sum + one * weights.out[j][c], bias));
    return { before, factor, other, hidden, output };
  }

  /** Lowest point of f between −10 and 0 to 1e−9: a grid, then golden-section search. */
  function lowest(f) {
    let best = 0;
    for (let x = -10; x <= 0; x += 0.01) if (f(x) < f(best)) best = x;
    let [low, high] = [best - 0.02, best + 0.02];
    const ratio = (Math.sqrt(5) - 1) / 2;
    for (let i = 0; i < 60; i += 1) {
      const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
      if (f(a) < f(b)) high = b;
      else low = a;
    }
    const x = (low + high) / 2;
    return { x, value: f(x) };
  }

  /** Largest |f − g| for 0 < x ≤ 8, in steps of 0.001, and where. */
  function largestGap(f, g) {
    let best = { x: 0, value: 0 };
    for (let i = 1; i <= 8000; i += 1) {
      const value = Math.abs(f(i / 1000) - g(i / 1000));
      if (value > best.value) best = { x: i / 1000, value };
    }
    return best;
  }

  /** Level lines of z(x, y) on a square of n by n cells from −span to span, as chains of points [x, y]. */
  function levelLines(z, level, span, n) {
    const at = (i) => -span + (2 * span * i) / n;
    const rows = Array.from({ length: n + 1 }, (_, j) => Array.from({ length: n + 1 }, (_unused, i) => z(at(i), at(j)) - level));
    // Where the line crosses the edge from a corner to its right (0) or upper (1) neighbour, by the edge's number.
    const points = new Map();
    const next = new Map();
    function crossing(i, j, up) {
      const [from, to] = [rows[j][i], up ? rows[j + 1][i] : rows[j][i + 1]];
      if (from >= 0 === to >= 0) return [];
      const id = 2 * (j * (n + 1) + i) + up;
      const share = from / (from - to);
      points.set(id, up ? [at(i), at(j) + (at(j + 1) - at(j)) * share] : [at(i) + (at(i + 1) - at(i)) * share, at(j)]);
      return [id];
    }
    const join = (a, b) => next.set(a, [...(next.get(a) ?? []), b]);
    for (let j = 0; j < n; j += 1) {
      for (let i = 0; i < n; i += 1) {
        const met = [...crossing(i, j, 0), ...crossing(i + 1, j, 1), ...crossing(i, j + 1, 0), ...crossing(i, j, 1)];
        for (let k = 0; k + 1 < met.length; k += 2) {
          join(met[k], met[k + 1]);
          join(met[k + 1], met[k]);
        }
      }
    }
    const chains = [];
    // Open lines from their ends first, then what is closed.
    for (const start of [...points.keys()].sort((a, b) => next.get(a).length - next.get(b).length)) {
      const chain = [];
      let last = start;
      for (let id = start; id !== undefined && points.has(id); id = next.get(id).find((one) => points.has(one))) {
        chain.push(points.get(id));
        points.delete(id);
        last = id;
      }
      if (chain.length > 2 && next.get(last).includes(start)) chain.push(chain[0]);
      if (chain.length > 1) chains.push(chain);
    }
    return chains;
  }

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "激活与门",
      view: "看什么",
      views: { curves: "函数与导数", error: "与 GELU 之差", units: "一层的单元", plane: "单元的等值线" },
      fn: "函数",
      functions: { relu: "ReLU", gelu: "GELU", tanh: "GELU，tanh 近似", swish: "Swish", sigmoid: "σ", identity: "恒等" },
      labels: { relu: "ReLU", gelu: "GELU", tanh: "tanh 近似", sigmoid: "σ", identity: "恒等" },
      beta: "Swish 的 *β*",
      with: "一起画",
      x: "*x*",
      block: "FFN",
      blocks: { plain: "无门控", gated: "有门控" },
      x1: "输入 *x*_{1}",
      x2: "输入 *x*_{2}",
      unit: "第几个单元",
      axis: "*x*",
      before: "预激活",
      value: "*f*(*x*)",
      slope: "*f*′(*x*)",
      error: "减去精确的 GELU，× 100",
      weight: "值的权重",
      gate: "乘在值 *u* 上的数",
      sum: "各单元相加，得输出",
      bias: "偏置",
      output: "输出",
      at: (name, x, value, slope) => `${name}：*x* = ${x} 处值 ${value}，导数 ${slope}。`,
      bottom: (x, value) => `最低 ${value}，在 *x* = ${x}。`,
      bounded: "它没有低于 0 的谷。",
      gap: (name, value, x) => `${name} 与精确的 GELU 最多差 ${value}，在 *x* = ±${x}。`,
      same: "它就是精确的 GELU，没有差。",
      units: (list) => `${list}。`,
      plainUnit: (i, before, weight) => `单元 ${i}：${before} → ${weight}`,
      gatedUnit: (i, before, gate, value, hidden) => `单元 ${i}：门 ${gate} × 值 ${value} = ${hidden}`,
      join: "；",
      result: (output) => `输出 (${output})。`,
      plane: (i, value, x) => `单元 ${i} 在 *x* = (${x}) 处是 ${value}。实线为正，虚线为负，细线是 0；相邻两条差 ${"{step}"}。`,
      describe: (what, rows) => `图，${what}。${rows}。`,
    },
    en: {
      title: "activations and gates",
      view: "Show",
      views: { curves: "f and f′", error: "minus GELU", units: "units of a layer", plane: "levels of a unit" },
      fn: "Function",
      functions: { relu: "ReLU", gelu: "GELU", tanh: "GELU, tanh form", swish: "Swish", sigmoid: "σ", identity: "identity" },
      labels: { relu: "ReLU", gelu: "GELU", tanh: "tanh form", sigmoid: "σ", identity: "identity" },
      beta: "Swish’s *β*",
      with: "Draw also",
      x: "*x*",
      block: "FFN",
      blocks: { plain: "no gate", gated: "gated" },
      x1: "Input *x*_{1}",
      x2: "Input *x*_{2}",
      unit: "Unit no.",
      axis: "*x*",
      before: "pre-activation",
      value: "*f*(*x*)",
      slope: "*f*′(*x*)",
      error: "minus exact GELU, × 100",
      weight: "weight of the value",
      gate: "factor on the value *u*",
      sum: "units added up: the output",
      bias: "bias",
      output: "output",
      at: (name, x, value, slope) => `${name} at *x* = ${x}: value ${value}, derivative ${slope}. `,
      bottom: (x, value) => `It is lowest at *x* = ${x}, with ${value}.`,
      bounded: "It has no dip below 0.",
      gap: (name, value, x) => `${name} is at most ${value} off the exact GELU, at *x* = ±${x}.`,
      same: "It is the exact GELU, nothing is off.",
      units: (list) => `${list}. `,
      plainUnit: (i, before, weight) => `Unit ${i}: ${before} → ${weight}`,
      gatedUnit: (i, before, gate, value, hidden) => `Unit ${i}: gate ${gate} × value ${value} = ${hidden}`,
      join: "; ",
      result: (output) => `Output (${output}).`,
      plane: (i, value, x) => `Unit ${i} is ${value} at *x* = (${x}). Solid lines are positive, dashed ones negative, thin ones 0, in steps of {step}.`,
      describe: (what, rows) => `Plot of ${what}. ${rows}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const BETAS = [...Array.from({ length: 61 }, (_, i) => Number((i / 20).toFixed(2))), 1.702, 3.5, 4, 5, 6, 7, 8, 9, 10].sort((a, b) => a - b);
  const NAMES = Object.keys(FUNCTIONS);
  const curves = ({ view }) => view === "curves" || view === "error";
  const signed = (value, digits) => number(Math.abs(value) < 10 ** -digits / 2 ? 0 : value, digits);

  const controls = (say) => [
    { name: "view", kind: "select", label: say.view, value: "curves", options: Object.entries(say.views) },
    { name: "fn", kind: "select", label: say.fn, value: "gelu", options: Object.entries(say.functions) },
    { name: "beta", kind: "range", label: say.beta, value: 1, stops: BETAS, shown: (state) => state.fn === "swish" || (state.view !== "plane" && state.with.includes("swish")) },
    { name: "block", kind: "choice", label: say.block, value: "plain", options: Object.entries(say.blocks), shown: (state) => !curves(state) },
    { name: "x", kind: "range", label: say.x, value: 1, min: -4, max: 4, step: 0.05, format: (one) => signed(one, 2), shown: ({ view }) => view === "curves" },
    { name: "x1", kind: "range", label: say.x1, value: 1, min: -2, max: 2, step: 0.1, format: (one) => signed(one, 1), shown: (state) => !curves(state) },
    { name: "x2", kind: "range", label: say.x2, value: -1, min: -2, max: 2, step: 0.1, format: (one) => signed(one, 1), shown: (state) => !curves(state) },
    { name: "unit", kind: "range", label: say.unit, value: 1, min: 1, max: 4, shown: ({ view }) => view === "plane" },
    { name: "with", kind: "set", wide: true, label: say.with, value: [], options: NAMES.map((name) => [name, say.functions[name]]), offered: ({ fn }, name) => fn !== name, shown: ({ view }) => view !== "plane" },
  ];

  /** The gated example has three units. */
  function settle(state, name) {
    if (name === "block" || name === "unit") return { unit: Math.min(state.unit, state.block === "gated" ? 3 : 4) };
    return {};
  }

  function compute({ fn, beta, with: also, block: kind, x1, x2 }) {
    const weights = kind === "gated" ? GATED : PLAIN;
    const at = (name, part) => (x) => FUNCTIONS[name][part](x, beta);
    return {
      f: at(fn, "value"),
      slope: at(fn, "slope"),
      drawn: [fn, ...also.filter((name) => name !== fn)].map((name, i) => ({ name, series: i > 0 && name === "relu" ? 6 : i + 1, value: at(name, "value"), slope: at(name, "slope") })),
      weights,
      units: block([x1, x2], weights, at(fn, "value")),
    };
  }

  const named = (name, { beta }, say, brief = false) => (name === "swish" ? (beta === 1 ? "SiLU" : `${brief ? "" : "Swish, "}*β* = ${short(beta, 4)}`) : say.labels[name]);

  /* The picture ------------------------------------------------------------------------------------------------ */

  const PANEL = 300;
  const narrow = (width) => width < 500;
  const height = (width) => (narrow(width) ? 2 * PANEL + 10 : 330);
  const grid = (from, to) => Array.from({ length: 401 }, (_, i) => from + ((to - from) * i) / 400);

  function draw(given) {
    if (given.state.view === "units") return drawUnits(given);
    if (given.state.view === "plane") return drawPlane(given);
    return drawCurves(given);
  }

  /** Functions, and below or beside them derivatives or differences from GELU. */
  function drawCurves({ state, result, words: say, width, height: tall }) {
    const [first, second] = panels(width, 0.5);
    const exact = FUNCTIONS.gelu.value;
    const wrong = state.view === "error";
    const x = { min: -4, max: 4, ticks: [-4, -2, 0, 2, 4], title: say.axis };
    const high = narrow(width) ? PANEL : tall;
    const curve = (f, series) => ({ f, series, points: grid(-4, 4).map((one) => [one, f(one)]) });
    const values = result.drawn.map((one) => ({ ...one, ...curve(one.value, one.series) }));
    const lower = result.drawn.map((one) => ({ ...one, ...curve(wrong ? (at) => 100 * (one.value(at) - exact(at)) : one.slope, one.series) }));
    // Differences: as large as those of the approximations, of which there may be none.
    const size = Math.max(0.05, ...lower.filter(({ name }) => smooth({ ...state, fn: name })).flatMap(({ points }) => points.map(([, y]) => Math.abs(y)))) * 1.1;
    const panel = (place, list) => {
      const shown = list.map((one) => line(place, one.points, one.series, one.series === 6 ? "thin" : ""));
      const names = list.map((one) => {
        const end = one.points.filter(([, y]) => y >= place.min && y <= place.max).at(-1) ?? [4, one.f(4)];
        return { x: place.x(end[0]), y: clamp(place.y(end[1]), place.top, place.bottom), text: named(one.name, state, say, true), series: one.series };
      });
      return { shown: shown.reverse(), names: ends(names, { top: place.top, bottom: place.bottom }) };
    };
    const framed = (part, min, max, title) => ({ ...axes({ width: part.width, height: high, left: 34, right: 78, x, y: { min, max, title } }), min, max });
    const above = framed(first, -1, 4, say.value);
    const below = wrong ? framed(second, -size, size, say.error) : framed(second, -0.25, 1.25, say.slope);
    const upper = panel(above, values);
    const under = panel(below, lower);
    const probe = (place, f) => (wrong ? null : [svg("path", { class: "gr", d: `M${place.x(state.x)} ${place.top}V${place.bottom}` }), svg("circle", { class: "ring", cx: place.x(state.x), cy: clamp(place.y(f(state.x)), place.top, place.bottom), r: 4.5 })]);
    const handle = (place) => (wrong ? null : grip("x", place, { x: place.x(state.x) }));
    const lowestOf = (points) => points.reduce((a, b) => (b[1] < a[1] ? b : a));
    const highestOf = (points) => points.reduce((a, b) => (b[1] > a[1] ? b : a));
    const mine = smooth(state) && !wrong;
    const marks = (place, list) => list.filter(([a]) => Math.abs(a) < 3.99).map(([a, b]) => mark(place.x(a), place.y(b), 1));
    // The minima of Swish lie on a line through the origin.
    const foot = mine && state.fn === "swish" ? lowest(result.f) : null;
    const valley = foot ? svg("path", { class: "ref", d: `M${above.x(0)} ${above.y(0)}L${above.x(-4)} ${above.y((-4 * foot.value) / foot.x)}` }) : null;
    return picture(
      width,
      tall,
      at(first, above.nodes, inside(above, valley, upper.shown), probe(above, result.f), mine ? marks(above, [lowestOf(values[0].points)]) : null, upper.names, handle(above)),
      at(second, below.nodes, inside(below, under.shown), probe(below, result.slope), mine ? marks(below, [lowestOf(lower[0].points), highestOf(lower[0].points)]) : null, under.names, handle(below)),
    );
  }

  const smooth = ({ fn, beta }) => fn === "gelu" || fn === "tanh" || (fn === "swish" && beta > 0);

  /** Two panels: side by side, the first with this share of the width, or one below the other. */
  const panels = (width, share) =>
    narrow(width)
      ? [{ dx: 0, dy: 0, width }, { dx: 0, dy: PANEL + 10, width }]
      : [{ dx: 0, dy: 0, width: width * share - 12 }, { dx: width * share + 12, dy: 0, width: width * (1 - share) - 12 }];
  const at = ({ dx, dy }, ...nodes) => svg("g", { transform: `translate(${dx} ${dy})` }, ...nodes);

  function drawUnits({ state, result, words: say, width, height: tall }) {
    const [first, second] = panels(width, 0.56);
    const high = narrow(width) ? PANEL : tall;
    const { hidden, output } = result.units;
    return picture(width, tall, at(first, drawGate(first.width, high, state, result, say)), at(second, drawSum(second.width, high, hidden, output, result.weights, say)));
  }

  /** The function, with a dot for each unit, or for one alone. */
  function drawGate(width, high, state, result, say, only) {
    const { before, factor } = result.units;
    const reach = Math.max(3, ...before.map(Math.abs)) * 1.1;
    const top = Math.max(2.2, ...factor.map((one) => one * 1.1));
    const deep = Math.min(-0.6, ...factor.map((one) => one * 1.2));
    const place = axes({ width, height: high, left: 34, right: 62, x: { min: -reach, max: reach, title: say.before }, y: { min: deep, max: top, title: state.block === "gated" ? say.gate : say.weight } });
    const groups = new Map();
    before.forEach((one, i) => {
      if (only !== undefined && i !== only) return;
      const key = one.toFixed(6);
      groups.set(key, [...(groups.get(key) ?? []), i]);
    });
    const dots = [...groups.values()].map((units) => {
      const [x, y] = [place.x(before[units[0]]), place.y(factor[units[0]])];
      return [mark(x, y, 1), label(x - 8, y - 8, units.map((i) => i + 1).join(", "), "t end halo")];
    });
    const drawn = result.drawn.filter((_, i) => i === 0 || state.view === "units").map((one) => ({ ...one, points: grid(-reach, reach).map((x) => [x, one.value(x)]) }));
    const names = drawn.map(({ name, series, points }) => {
      const [x, y] = points.filter((one) => one[1] <= top && one[1] >= deep).at(-1) ?? points[0];
      return { x: place.x(x), y: place.y(y), text: named(name, state, say, true), series };
    });
    return [
      place.nodes,
      inside(place, [...drawn].reverse().map(({ points, series }) => line(place, points, series, series === 1 ? "" : "thin"))),
      ends(names, { top: place.top, bottom: place.bottom }),
      dots,
    ];
  }

  /** The values of the units, weighted, head to tail from the bias to the output. */
  function drawSum(width, tall, hidden, output, weights, say) {
    const steps = [weights.bias, ...hidden.map((one, j) => weights.out[j].map((entry) => one * entry))];
    let tip = [0, 0];
    const arrows = steps.map(([a, b], j) => {
      const from = tip;
      tip = [tip[0] + a, tip[1] + b];
      return { from, to: tip, name: j === 0 ? say.bias : String(j) };
    });
    const all = arrows.flatMap(({ from, to }) => [from, to]);
    const [left, right, low, high] = [Math.min(...all.map(([a]) => a)), Math.max(...all.map(([a]) => a)), Math.min(...all.map(([, b]) => b)), Math.max(...all.map(([, b]) => b))];
    const span = Math.max(right - left, (high - low) * 1.1, 0.8) * 1.35;
    const size = Math.min(width - 20, tall - 70);
    const unit = size / span;
    const centre = [(left + right) / 2, (low + high) / 2];
    const x = (one) => width / 2 + (one - centre[0]) * unit;
    const y = (one) => 30 + (tall - 70) / 2 - (one - centre[1]) * unit;
    const arrow = (from, to, kind) => {
      const length = Math.hypot(x(to[0]) - x(from[0]), y(to[1]) - y(from[1]));
      if (length < 1) return null;
      const angle = (Math.atan2(y(to[1]) - y(from[1]), x(to[0]) - x(from[0])) * 180) / Math.PI;
      return svg("g", { transform: `translate(${x(from[0])} ${y(from[1])}) rotate(${angle})` }, svg("path", { class: `ln ${kind}`, d: `M0 0H${Math.max(0, length - 6)}` }), svg("path", { class: `head ${kind}`, d: `M${length} 0l-8 3.5v-7Z` }));
    };
    return [
      label(0, 13, say.sum),
      svg("path", { class: "gr", d: `M0 ${clamp(y(0), 24, tall - 34)}H${width}M${clamp(x(0), 0, width)} 24V${tall - 34}` }),
      arrow([0, 0], output, "c2"),
      arrows.map(({ from, to, name }, j) => {
        const node = arrow(from, to, j ? "c1" : "c6");
        return node ? [node, label((x(from[0]) + x(to[0])) / 2, (y(from[1]) + y(to[1])) / 2 - 6, name, "t mid halo")] : null;
      }),
      mark(x(output[0]), y(output[1]), 2),
      label(width / 2, tall - 6, `${say.output} (${output.map((one) => signed(one, 2)).join(", ")})`, "t b mid"),
    ];
  }

  const SPAN = 2;
  const step = (most) => (most > 6 ? 2 : most > 3 ? 1 : 0.5);

  function unitValue({ state, result }) {
    const { weights, f } = result;
    const j = Math.min(state.unit, weights.w[0].length) - 1;
    const before = (x, y) => x * weights.w[0][j] + y * weights.w[1][j] + (weights.b?.[j] ?? 0);
    const value = (x, y) => f(before(x, y)) * (weights.v ? x * weights.v[0][j] + y * weights.v[1][j] : 1);
    const corners = [-2, -1, 0, 1, 2].flatMap((x) => [-2, -1, 0, 1, 2].map((y) => Math.abs(value(x, y))));
    return { j, before, value, step: step(Math.max(...corners) / 2) };
  }

  function drawPlane(given) {
    const { state, result, words: say, width, height: tall } = given;
    const { j, before, value, step: apart } = unitValue(given);
    const [first, second] = panels(width, 0.52);
    const size = square(width, tall);
    const [left, top] = [0, 6];
    const x = (one) => left + ((one + SPAN) / (2 * SPAN)) * size;
    const y = (one) => top + ((SPAN - one) / (2 * SPAN)) * size;
    const point = ([a, b]) => `${x(a).toFixed(1)} ${y(b).toFixed(1)}`;
    const path = (chains, kind) => (chains.length ? svg("path", { class: kind, d: chains.map((chain) => `M${chain.map(point).join("L")}`).join("") }) : null);
    const levels = Array.from({ length: 24 }, (_, i) => (i + 1) * apart);
    // A plain ReLU unit is 0 on half of the plane; its edge is where the pre-activation is 0.
    const edge = state.block === "plain" && state.fn === "relu" ? before : value;
    const vector = (pair, name) => [svg("path", { class: "ln c6 thin", d: `M${x(0)} ${y(0)}L${x(pair[0])} ${y(pair[1])}` }), svg("circle", { class: "p6", cx: x(pair[0]), cy: y(pair[1]), r: 2.5 }), label(x(pair[0]) + 6, y(pair[1]) - 6, name, "t halo")];
    const column = (matrix) => [matrix[0][j], matrix[1][j]];
    const level = [
      svg("rect", { class: "gr", x: left, y: top, width: size, height: size }),
      levels.map((level) => [path(levelLines(value, level, SPAN, 48), "ln c1 thin"), path(levelLines(value, -level, SPAN, 48), "ln c2 thin")]),
      path(levelLines(edge, 0, SPAN, 48), "ax"),
      vector(column(result.weights.w), "*w*"),
      result.weights.v ? vector(column(result.weights.v), "*v*") : null,
      svg("circle", { class: "ring", cx: x(state.x1), cy: y(state.x2), r: 5 }),
      label(x(state.x1) + 9, y(state.x2) + 5, `*x*: ${signed(value(state.x1, state.x2), 2)}`, "t b halo"),
      grip("plane", { left, right: left + size, top, bottom: top + size }, { x: x(state.x1), y: y(state.x2) }),
    ];
    return picture(width, tall, at(first, level), at(second, drawGate(second.width, narrow(width) ? PANEL : tall, state, result, say, j)));
  }

  /** The side of the plane. */
  const square = (width, tall) => (narrow(width) ? Math.min(width, PANEL - 12) : Math.min(panels(width, 0.52)[0].width, tall - 12));

  function drag({ x, y, handle }, { width, height: tall }) {
    if (handle === "x") {
      const [first, second] = panels(width, 0.5);
      const from = !narrow(width) && x > second.dx ? second.dx : 0;
      const share = (x - from - 34) / (first.width - 34 - 78);
      return { x: clamp(Math.round((-4 + 8 * share) * 20) / 20, -4, 4) };
    }
    const size = square(width, tall);
    const tenth = (one) => clamp(Math.round(one * 10) / 10, -SPAN, SPAN);
    return { x1: tenth((x / size) * 2 * SPAN - SPAN), x2: tenth(SPAN - ((y - 6) / size) * 2 * SPAN) };
  }

  /* The sentence ----------------------------------------------------------------------------------------------- */

  function tellCurve({ state, result, words: say }) {
    const name = named(state.fn, state, say);
    if (state.view === "error") {
      const gap = largestGap(result.f, FUNCTIONS.gelu.value);
      return gap.value < 1e-12 ? say.same : say.gap(name, gap.value < 0.001 ? number(gap.value, 6) : number(gap.value, 4), number(gap.x, 2));
    }
    const said = say.at(name, signed(state.x, 2), signed(result.f(state.x), 4), signed(result.slope(state.x), 4));
    if (!smooth(state)) return said + (state.fn === "swish" || state.fn === "identity" ? "" : say.bounded);
    const { x, value } = lowest(result.f);
    return said + say.bottom(signed(x, 3), signed(value, 4));
  }

  function tellUnits({ state, result, words: say }) {
    const { before, factor, other, hidden, output } = result.units;
    const two = (one) => signed(one, 3);
    const list = before.map((one, i) => (state.block === "gated" ? say.gatedUnit(i + 1, two(one), two(factor[i]), two(other[i]), two(hidden[i])) : say.plainUnit(i + 1, two(one), two(factor[i])))).join(say.join);
    return say.units(list) + say.result(output.map((one) => signed(one, 4)).join(", "));
  }

  function tell(given) {
    const { state, words: say } = given;
    if (curves(state)) return tellCurve(given);
    if (state.view === "units") return tellUnits(given);
    const { j, value, step: apart } = unitValue(given);
    return say.plane(j + 1, signed(value(state.x1, state.x2), 4), `${signed(state.x1, 1)}, ${signed(state.x2, 1)}`).replace("{step}", short(apart));
  }

  function describe(given) {
    const { state, result, words: say } = given;
    const what = say.views[state.view];
    if (!curves(state)) return say.describe(what, tell(given).replace(/[.。]\s*$/, ""));
    const exact = FUNCTIONS.gelu.value;
    const rows = result.drawn.map((one) => {
      const of = state.view === "error" ? (x) => signed(one.value(x) - exact(x), 4) : (x) => `${signed(one.value(x), 4)} (${signed(one.slope(x), 4)})`;
      return `${named(one.name, state, say)}: ${[-4, -2, -1, 0, 1, 2, 4].map((x) => `${signed(x, 0)} → ${of(x)}`).join(", ")}`;
    });
    return say.describe(what, rows.join("; "));
  }

  explorables.define("activations", {
    words,
    controls,
    arithmetic: { normalCdf, FUNCTIONS, PLAIN, GATED, block, lowest, largestGap, levelLines },
    settle,
    compute,
    height,
    draw,
    drag,
    tell,
    describe,
    lines: [2, 5],
  });
})();
