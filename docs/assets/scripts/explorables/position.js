// Score against distance, for position encodings: none, sinusoidal, RoPE (with PI, NTK, YaRN) and ALiBi.
(() => {
  "use strict";

  const { svg, number, short, clamp, picture, label, ticks, axes, line, inside, mark, ends, grip, randomly } = explorables;

  /* Arithmetic. A score under sinusoids or RoPE is Re Σ h_i exp(i D θ_i): content sets h, the encoding θ. ---------- */

  /** θ_i = base^(−2i/d) for i = 0 … d/2 − 1. */
  const frequencies = (d, base) => Float64Array.from({ length: d / 2 }, (_, i) => base ** ((-2 * i) / d));

  /** Turns that each plane makes over the trained window. */
  const turns = (theta, trained) => theta.map((one) => (trained * one) / (2 * Math.PI));

  /** Frequencies after stretching by `s`: "none", "pi", "ntk" (another base: the slowest plane is slower by s, the fastest stays) or "yarn" (ramp from 1 to 32 turns). */
  function stretched(method, { d, base, trained, s }) {
    const theta = frequencies(d, base);
    if (method === "pi") return theta.map((one) => one / s);
    if (method === "ntk") return frequencies(d, base * s ** (d / (d - 2)));
    if (method === "yarn") {
      return theta.map((one) => {
        const keep = Math.min(1, Math.max(0, ((trained * one) / (2 * Math.PI) - 1) / 31));
        return ((1 - keep) * one) / s + keep * one;
      });
    }
    return theta;
  }

  /** ALiBi's slopes in the order of the official code, for any number of heads. */
  function slopes(heads) {
    const power = 2 ** Math.floor(Math.log2(heads));
    const main = Array.from({ length: power }, (_, r) => 2 ** ((-8 * (r + 1)) / power));
    const extra = Array.from({ length: heads - power }, (_, r) => 2 ** ((-8 * (2 * r + 1)) / (2 * power)));
    return [...main, ...extra];
  }

  /** Re Σ h_i exp(i D θ_i) for D = 0 … count − 1, each plane turned on from the last and set anew every 512 steps. */
  function waves(h, theta, count) {
    const total = new Float64Array(count);
    theta.forEach((one, i) => {
      const [cos, sin] = [Math.cos(one), Math.sin(one)];
      let [re, im] = [0, 0];
      for (let n = 0; n < count; n += 1) {
        if (n % 512 === 0) {
          const [c, s] = [Math.cos(n * one), Math.sin(n * one)];
          re = h.re[i] * c - h.im[i] * s;
          im = h.re[i] * s + h.im[i] * c;
        }
        total[n] += re;
        const next = re * cos - im * sin;
        im = re * sin + im * cos;
        re = next;
      }
    });
    return total;
  }

  /** Normally distributed numbers, the same on every machine (Box and Muller). */
  function normals(count, seed) {
    const random = randomly(seed);
    return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
  }

  // The query and the key of question 84's example, d = 8: NumPy's default_rng(0).
  const QUERY = [0.12573022, -0.13210486, 0.64042265, 0.10490012, -0.53566937, 0.36159505, 1.30400005, 0.94708096];
  const KEY = [-0.70373524, -1.26542147, -0.62327446, 0.04132598, -2.32503077, -0.21879166, -1.24591095, -0.73226735];

  /** What a query and a key of random content give: h_i = q_i conj(k_i), plane i being channels 2i and 2i + 1. */
  function product(q, k) {
    const h = { re: [], im: [] };
    for (let i = 0; i < q.length; i += 2) {
      h.re.push(q[i] * k[i] + q[i + 1] * k[i + 1]);
      h.im.push(q[i + 1] * k[i] - q[i] * k[i + 1]);
    }
    return h;
  }
  const randomContent = (d) => (d === 8 ? product(QUERY, KEY) : product(normals(d, 84), normals(d, 85)));

  /** Content that is the same in query and key, or that makes the score highest at the distance `delta`. */
  const equalContent = (theta) => ({ re: theta.map(() => 1), im: theta.map(() => 0) });
  const peakContent = (theta, delta) => ({
    re: theta.map((one) => Math.cos(delta * one)),
    im: theta.map((one) => -Math.sin(delta * one)),
  });

  /** Mean of cos(n x) and of sin(n x) over n = 0 … count − 1. */
  function meanWave(x, count) {
    const half = Math.sin(x / 2);
    if (half === 0) return [1, 0];
    const ratio = Math.sin((count * x) / 2) / (count * half);
    return [ratio * Math.cos(((count - 1) * x) / 2), ratio * Math.sin(((count - 1) * x) / 2)];
  }

  /** x with A x = b for a symmetric positive definite A, by Cholesky's method; A is overwritten. */
  function solve(a, b) {
    const n = b.length;
    for (let j = 0; j < n; j += 1) {
      for (let i = j; i < n; i += 1) {
        let sum = a[i][j];
        for (let k = 0; k < j; k += 1) sum -= a[i][k] * a[j][k];
        a[i][j] = i === j ? Math.sqrt(sum) : sum / a[j][j];
      }
    }
    const x = Float64Array.from(b);
    for (let i = 0; i < n; i += 1) {
      for (let k = 0; k < i; k += 1) x[i] -= a[i][k] * x[k];
      x[i] /= a[i][i];
    }
    for (let i = n - 1; i >= 0; i -= 1) {
      for (let k = i + 1; k < n; k += 1) x[i] -= a[k][i] * x[k];
      x[i] /= a[i][i];
    }
    return x;
  }

  /**
   * Content of a head that has learned the line from 0 to −8 over the distances 0 … trained − 1, fitted with the
   * cosines and sines of RoPE: least squares, ridge 1e−4, as in question 86.
   */
  function learnedContent(theta, trained) {
    const half = theta.length;
    const gram = Array.from({ length: 2 * half }, () => new Float64Array(2 * half));
    const right = new Float64Array(2 * half);
    for (let i = 0; i < half; i += 1) {
      for (let j = 0; j < half; j += 1) {
        const [minusCos, minusSin] = meanWave(theta[i] - theta[j], trained);
        const [plusCos, plusSin] = meanWave(theta[i] + theta[j], trained);
        gram[i][j] = (minusCos + plusCos) / 2;
        gram[half + i][half + j] = (minusCos - plusCos) / 2;
        gram[half + i][j] = (plusSin + minusSin) / 2; // sin of i, cos of j
        gram[j][half + i] = gram[half + i][j];
      }
      gram[i][i] += 1e-4;
      gram[half + i][half + i] += 1e-4;
      for (let n = 0; n < trained; n += 1) {
        const target = (-8 * n) / trained / trained;
        right[i] += target * Math.cos(n * theta[i]);
        right[half + i] += target * Math.sin(n * theta[i]);
      }
    }
    const weights = solve(gram, right);
    return { re: weights.slice(0, half), im: weights.slice(half).map((one) => -one) };
  }

  /** A = W_Q W_Kᵀ of a random head of width 16, as rows: entries of both normal, divided by √d. */
  function randomForm(d) {
    const width = 16;
    const q = normals(d * width, 82);
    const k = normals(d * width, 83);
    return Array.from({ length: d }, (_, i) =>
      Float64Array.from({ length: d }, (_unused, j) => {
        let sum = 0;
        for (let c = 0; c < width; c += 1) sum += q[i * width + c] * k[j * width + c];
        return sum / d;
      }),
    );
  }

  /** The h of p_m A p_nᵀ over m − n, for the query at `m`; sines stand on even channels, cosines on odd ones. */
  function formContent(form, theta, m) {
    const code = new Float64Array(2 * theta.length);
    theta.forEach((one, i) => {
      code[2 * i] = Math.sin(m * one);
      code[2 * i + 1] = Math.cos(m * one);
    });
    const row = new Float64Array(code.length); // p_m A
    form.forEach((weights, i) => weights.forEach((weight, j) => (row[j] += code[i] * weight)));
    const h = { re: [], im: [] };
    theta.forEach((one, i) => {
      const [sin, cos] = [row[2 * i], row[2 * i + 1]];
      const [c, s] = [Math.cos(m * one), Math.sin(m * one)];
      h.re.push(cos * c + sin * s);
      h.im.push(sin * c - cos * s);
    });
    return h;
  }

  /** Softmax over the distances 0 … length − 1. */
  function attention(logits) {
    const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const weights = logits.map((one) => Math.exp(one - largest));
    const total = weights.reduce((a, b) => a + b, 0);
    return weights.map((one) => one / total);
  }

  /** exp(entropy) of the softmax over the first 1, 2, … distances: equal weights on k keys give k. */
  function keysInUse(logits) {
    let [largest, total, weighted] = [-Infinity, 0, 0]; // Σ e^(l − largest), Σ l e^(l − largest)
    return logits.map((one) => {
      if (one > largest) {
        const shrink = Math.exp(largest - one);
        [largest, total, weighted] = [one, total * shrink, weighted * shrink];
      }
      const weight = Math.exp(one - largest);
      total += weight;
      weighted += one * weight;
      return Math.exp(largest + Math.log(total) - weighted / total);
    });
  }

  /** The same for ALiBi at equal content, in closed form: the weight at a distance, and the keys in use at a length. */
  const linearWeight = (slope, distance, length) => (Math.exp(-slope * distance) * (1 - Math.exp(-slope))) / (1 - Math.exp(-slope * length));
  function linearKeys(slope, length) {
    const [near, far] = [Math.exp(-slope), Math.exp(-slope * length)];
    const mean = near / (1 - near) - (length * far) / (1 - far);
    return ((1 - far) / (1 - near)) * Math.exp(slope * mean);
  }

  /** Planes without a full turn in training, those with new angles at `length`, and the furthest of these angles. */
  function newAngles(theta, changed, trained, length) {
    let [open, fresh, furthest] = [0, 0, 0];
    turns(theta, trained).forEach((count, i) => {
      if (count >= 1) return;
      const reach = (length / trained) * (changed[i] / theta[i]);
      open += 1;
      fresh += reach > 1 + 1e-9 ? 1 : 0;
      furthest = Math.max(furthest, reach);
    });
    return { open, fresh, furthest };
  }

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "位置：分数随距离怎样变",
      scheme: "位置编码",
      schemes: { none: "无", sinusoidal: "正弦", rope: "RoPE", alibi: "ALiBi" },
      view: "看什么",
      views: { score: "分数", weight: "权重", keys: "在用的 key", planes: "拉伸" },
      content: "内容",
      contents: { equal: "query 与 key 相同", peak: "偏爱一个距离", random: "随机", learned: "学到一条下降的直线" },
      forms: { random: "*A* 随机，秩 16", equal: "*A* = *I*", peak: "*A* = *M*_{δ}" },
      form: "矩阵 *A*",
      d: "通道数 *d*",
      base: "底数 *b*",
      delta: "偏爱的距离 *δ*",
      trained: "训练长度 *T*_{0}",
      length: "用到的长度 *T*",
      method: "RoPE 怎样拉伸",
      methods: { none: "不拉伸", pi: "PI", ntk: "NTK", yarn: "YaRN" },
      s: "倍数 *s*",
      heads: "头数 *h*",
      head: "第几个头",
      shift: "整段文字后移",
      at: "看这个距离",
      scaled: "除以 √*d*",
      log: "距离取对数",
      all: "其余的一起画",
      scoreTitle: (scaled) => (scaled ? "分数 / √*d*" : "分数"),
      weightTitle: "注意力权重",
      keysTitle: "在用的 key 数，exp(熵)",
      stretchTitle: "拉伸倍数 *θ*/*θ*′",
      distance: "距离 *m* − *n*",
      lengthTitle: "序列长度",
      plane: "平面 *i*",
      before: "后移之前",
      plain: "不拉伸",
      sum: "和",
      planeName: (i) => `平面 ${i}`,
      trainedMark: "训练长度",
      open: "转不满一圈",
      every: "全部",
      need: (times) => `要 ${times} 倍`,
      value: (at, value) => `距离 ${at} 处分数是 ${value}。`,
      flat: "没有位置，分数不随距离变：远近的 key 一视同仁。",
      negative: (n) => `从最高处落下，一路振荡，到距离 ${n} 第一次变负。`,
      positive: (n) => `从最高处落下，一路振荡，到 ${n} 为止没有变负。`,
      highest: (value, at) => `最高 ${value}，在距离 ${at}。`,
      between: (low, high) => `在 ${low} 与 ${high} 之间起伏，不单调。`,
      learned: (error, beyond) => `训练范围内与直线平均差 ${error}${beyond === null ? "" : `；超出之后最高到 ${beyond}，直线在那里低于 −8`}。`,
      moved: (shift, change, zero) => (zero ? `整段后移 ${shift} 位，分数不变：只看距离。` : `整段后移 ${shift} 位，分数最多变 ${change}：不只看距离。`),
      alibi: (head, slope, factor) => `第 ${head} 个头的斜率是 ${slope}：同样的内容，每远一个 token，权重乘 ${factor}。`,
      origin: (heads, main, extra) => (extra ? `${heads} 个头：前 ${main} 个是 ${main} 头的数列，后 ${extra} 个（虚线）取自 ${2 * main} 头的数列。` : ""),
      weight: (at, value) => `距离 ${at} 处的权重是 ${value}。`,
      beyond: (share, trained) => `训练时没有的距离（${trained} 起）共占 ${share}。`,
      keys: (keys, length) => `长度 ${length} 时，在用的 key 约 ${keys} 个。`,
      planes: (open, total, trained) => `${total} 个平面里有 ${open} 个在 ${trained} 个位置内转不满一圈。`,
      fresh: (length, fresh, furthest) => (fresh ? `用到 ${length}，其中 ${fresh} 个遇到新角度，最远是训练时的 ${furthest} 倍。` : `用到 ${length}，没有一个遇到新角度。`),
      describe: (what, rows) => `折线图，${what}。${rows.map(([name, values]) => `${name}：${values.map(([x, y]) => `${x} 处 ${y}`).join("，")}`).join("；")}。`,
    },
    en: {
      title: "position: how the score changes with distance",
      scheme: "Encoding",
      schemes: { none: "none", sinusoidal: "sinusoidal", rope: "RoPE", alibi: "ALiBi" },
      view: "Show",
      views: { score: "score", weight: "weight", keys: "keys in use", planes: "stretch" },
      content: "Content",
      contents: { equal: "query and key alike", peak: "prefers a distance", random: "random", learned: "has learned a falling line" },
      forms: { random: "*A* random, rank 16", equal: "*A* = *I*", peak: "*A* = *M*_{δ}" },
      form: "Matrix *A*",
      d: "Channels *d*",
      base: "Base *b*",
      delta: "Preferred distance *δ*",
      trained: "Trained length *T*_{0}",
      length: "Length in use *T*",
      method: "Stretching RoPE",
      methods: { none: "none", pi: "PI", ntk: "NTK", yarn: "YaRN" },
      s: "Factor *s*",
      heads: "Heads *h*",
      head: "Head no.",
      shift: "Move the text by",
      at: "Look at distance",
      scaled: "divide by √*d*",
      log: "log distance",
      all: "draw the others too",
      scoreTitle: (scaled) => (scaled ? "score / √*d*" : "score"),
      weightTitle: "attention weight",
      keysTitle: "keys in use, exp(entropy)",
      stretchTitle: "stretch *θ*/*θ*′",
      distance: "distance *m* − *n*",
      lengthTitle: "sequence length",
      plane: "plane *i*",
      before: "not moved",
      plain: "as is",
      sum: "sum",
      planeName: (i) => `plane ${i}`,
      trainedMark: "trained length",
      open: "no full turn",
      every: "all",
      need: (times) => `needed: ${times}`,
      value: (at, value) => `At distance ${at} the score is ${value}. `,
      flat: "Without positions the score does not depend on distance: near and far keys are treated alike.",
      negative: (n) => `It falls from its maximum, oscillating, and is first negative at distance ${n}.`,
      positive: (n) => `It falls from its maximum, oscillating, and is not negative up to ${n}.`,
      highest: (value, at) => `Its maximum is ${value}, at distance ${at}.`,
      between: (low, high) => `It swings between ${low} and ${high} and is not monotone.`,
      learned: (error, beyond) => `Within the trained length it is ${error} off the line on average${beyond === null ? "" : `; beyond, it rises to ${beyond}, where the line is below −8`}.`,
      moved: (shift, change, zero) => (zero ? `Moving the whole text by ${shift} changes nothing: only the distance counts.` : `Moving the whole text by ${shift} changes scores by up to ${change}: not the distance alone.`),
      alibi: (head, slope, factor) => `Head ${head} has slope ${slope}: at equal content, each token further away multiplies the weight by ${factor}. `,
      origin: (heads, main, extra) => (extra ? `Of ${heads} heads, the first ${main} have the sequence for ${main}, the other ${extra} (dashed) come from that for ${2 * main}.` : ""),
      weight: (at, value) => `At distance ${at} the weight is ${value}. `,
      beyond: (share, trained) => `Distances that training did not have, from ${trained} on, get ${share} in all. `,
      keys: (keys, length) => `At length ${length}, about ${keys} keys are in use.`,
      planes: (open, total, trained) => `${open} of ${total} planes do not complete a turn within ${trained} positions. `,
      fresh: (length, fresh, furthest) => (fresh ? `At length ${length}, ${fresh} of them meet new angles, the furthest ${furthest} times as far as in training.` : `At length ${length}, none meets a new angle.`),
      describe: (what, rows) => `Line plot of the ${what}. ${rows.map(([name, values]) => `${name}: ${values.map(([x, y]) => `${y} at ${x}`).join(", ")}`).join("; ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const doubled = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => 2 ** (from + i));
  const DISTANCES = [...new Set(Array.from({ length: 400 }, (_, i) => (i < 64 ? i : Math.round(64 * 2 ** ((i - 64) / 16)))))].filter((one) => one < 2 ** 17);
  const BASES = [2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((one) => one * 10 ** power)).concat(1e7);
  const waving = ({ scheme, all }) => all || scheme === "sinusoidal" || scheme === "rope";
  const rotary = ({ scheme }) => scheme === "rope";
  const linear = ({ scheme }) => scheme === "alibi";
  const overDistance = ({ view }) => view === "score" || view === "weight";

  const controls = (say) => [
    { name: "scheme", kind: "choice", wide: true, label: say.scheme, value: "rope", options: Object.entries(say.schemes) },
    { name: "view", kind: "choice", wide: true, label: say.view, value: "score", options: Object.entries(say.views) },
    { name: "method", kind: "select", label: say.method, value: "none", options: Object.entries(say.methods), shown: rotary },
    { name: "content", kind: "select", label: say.content, value: "equal", options: Object.entries(say.contents), shown: (state) => rotary(state) && state.view !== "planes" },
    { name: "form", kind: "select", label: say.form, value: "equal", options: Object.entries(say.forms), shown: ({ scheme }) => scheme === "sinusoidal" },
    { name: "s", kind: "range", label: say.s, value: 8, stops: [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64], shown: rotary, enabled: ({ method }) => method !== "none" },
    { name: "delta", kind: "range", label: say.delta, value: 1000, stops: DISTANCES, format: (one) => number(one), shown: (state) => waving(state) && (state.scheme === "sinusoidal" ? state.form : state.content) === "peak" },
    { name: "d", kind: "range", label: say.d, value: 128, stops: doubled(3, 8), shown: waving },
    { name: "base", kind: "range", label: say.base, value: 1e4, stops: BASES, format: (one) => number(one), shown: waving },
    { name: "shift", kind: "range", label: say.shift, value: 0, min: 0, max: 1000, step: 10, format: (one) => number(one), shown: ({ scheme }) => scheme === "sinusoidal" },
    { name: "heads", kind: "range", label: say.heads, value: 8, min: 1, max: 64, shown: linear },
    { name: "head", kind: "range", label: say.head, value: 4, min: 1, max: 64, shown: linear },
    { name: "trained", kind: "range", label: say.trained, value: 4096, stops: doubled(5, 17), format: (one) => number(one), shown: (state) => rotary(state) || state.view !== "score" },
    { name: "length", kind: "range", label: say.length, value: 16384, stops: doubled(4, 17), format: (one) => number(one) },
    { name: "at", kind: "range", label: say.at, value: 0, stops: DISTANCES, format: (one) => number(one), shown: overDistance },
    { name: "log", kind: "toggle", label: say.log, value: false, shown: overDistance },
    { name: "scaled", kind: "toggle", label: say.scaled, value: false, shown: (state) => waving(state) && state.view === "score" },
    { name: "all", kind: "toggle", label: say.all, value: false },
  ];

  function settle(state, name) {
    const changes = {};
    if (name === "view" && state.view === "planes") Object.assign(changes, { scheme: "rope", all: false });
    if (name === "scheme" && state.view === "planes" && state.scheme !== "rope") changes.view = "score";
    if (name === "all" && state.all && state.view === "score") changes.scaled = true;
    if (name === "heads") changes.head = Math.min(state.head, state.heads);
    if (name === "head") changes.heads = Math.max(state.head, state.heads);
    if (name === "length") changes.at = Math.min(state.at, state.length - 1);
    if (name === "at") changes.length = doubled(4, 17).find((one) => one >= state.length && one > state.at);
    return changes;
  }

  /* Curves ----------------------------------------------------------------------------------------------------- */

  // What takes long to compute.
  const kept = new Map();
  function once(key, make) {
    if (!kept.has(key)) kept.set(key, make());
    return kept.get(key);
  }

  /** Scores by distance under one encoding, and what the softmax is taken of. */
  function curve(scheme, state, { stretch = true, shift = state.shift } = {}) {
    const { d, base, length, delta, content, form } = state;
    if (scheme === "none") return { scores: new Float64Array(length), divisor: 1 };
    if (scheme === "alibi") {
      const slope = slopes(state.heads)[state.head - 1];
      return { scores: Float64Array.from({ length }, (_, n) => -slope * n), divisor: 1 };
    }
    const theta = frequencies(d, base);
    const kind = scheme === "rope" ? content : state.scheme === "sinusoidal" ? form : "equal";
    const h = {
      equal: () => equalContent(theta),
      peak: () => peakContent(theta, delta),
      learned: () => once(`${d} ${base} ${state.trained}`, () => learnedContent(theta, state.trained)),
      random: () => (scheme === "rope" ? randomContent(d) : formContent(once(d, () => randomForm(d)), theta, length - 1 + shift)),
    }[kind]();
    const turned = scheme === "rope" && stretch ? stretched(state.method, state) : theta;
    return { scores: waves(h, turned, length), divisor: kind === "learned" ? 1 : Math.sqrt(d), h, turned };
  }

  function compute(state) {
    const { scheme, view, length, trained } = state;
    const theta = frequencies(state.d, state.base);
    if (view === "planes") {
      const changed = stretched(state.method, state);
      const rest = Object.keys(words.en.methods).filter((one) => one !== "none" && one !== state.method);
      const others = state.all ? rest.map((method) => ({ method, stretch: theta.map((one, i) => one / stretched(method, state)[i]) })) : [];
      return { others, stretch: theta.map((one, i) => one / changed[i]), ...newAngles(theta, changed, trained, length), total: theta.length };
    }
    const main = { name: scheme, series: 1, ...curve(scheme, state) };
    const others = [];
    if (state.all) {
      const rest = ["none", "sinusoidal", "rope", "alibi"].filter((one) => one !== scheme);
      rest.forEach((one, i) => others.push({ name: one, series: i + 2, ...curve(one, state) }));
    } else if (scheme === "rope" && state.method !== "none" && state.s > 1) {
      others.push({ name: "plain", series: 2, ...curve(scheme, state, { stretch: false }) });
    } else if (scheme === "sinusoidal" && state.shift > 0) {
      others.push({ name: "before", series: 2, ...curve(scheme, state, { shift: 0 }) });
    }
    for (const one of [main, ...others]) {
      const logits = one.scores.map((score) => score / one.divisor);
      if (view === "score") one.values = state.scaled ? logits : one.scores;
      else if (view === "keys") one.values = keysInUse(logits);
      if (view === "weight" || one === main) one.weights = attention(logits);
      if (view === "weight") one.values = one.weights;
      if (view !== "keys" && one === main) one.keys = keysInUse(logits).at(-1);
      else if (one === main) one.keys = one.values.at(-1);
    }
    return { main, others };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const height = (width) => (width < 500 ? 300 : 330);
  const fraction = (slope) => (Math.abs(1 / slope - Math.round(1 / slope)) < 1e-9 && slope < 1 ? `1/${Math.round(1 / slope)}` : short(slope, 4));
  const power = (value) => (value >= 0.01 && value < 1e5 ? short(value) : `10${String(Math.round(Math.log10(value))).replace(/./g, (one) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[one] ?? "⁻")}`);
  const percent = (share) => (share > 0 && share < 0.0005 ? "<0.1%" : `${number(100 * share, 1)}%`);
  // Rounding errors and −0 are 0.
  const exact = (value, digits = 4) => number(Math.abs(value) < 10 ** -digits / 2 ? 0 : value, digits);
  const small = (value) => (value !== 0 && Math.abs(value) < 1e-3 ? power(Math.abs(value)) : short(value));

  /** Points of a line through values[n] at x = n + first: all of them, or the lowest and highest in each column of pixels. */
  function trace(place, values, first, from) {
    const points = [];
    let column = null;
    const flush = () => {
      if (!column) return;
      const { low, high } = column;
      points.push(...(low[0] === high[0] ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
    };
    for (let n = from; n < values.length; n += 1) {
      const at = Math.round(place.x(n + first) * 2);
      const point = [n + first, values[n]];
      if (column?.at === at) {
        if (point[1] < column.low[1]) column.low = point;
        if (point[1] >= column.high[1]) column.high = point;
      } else {
        flush();
        column = { at, low: point, high: point };
      }
    }
    flush();
    return points;
  }

  /** Where a line ends, or where it leaves the plot. */
  function lastSeen(place, points, least) {
    const early = points.at(-1)[1] < least;
    const [x, y] = early ? (points.findLast((one) => one[1] >= least) ?? points[0]) : points.at(-1);
    return { early, x: place.x(x), y: clamp(place.y(y), place.top, place.bottom) };
  }

  const range = (lists) => lists.reduce(([low, high], values) => values.reduce(([a, b], one) => [Math.min(a, one), Math.max(b, one)], [low, high]), [Infinity, -Infinity]);
  const seriesName = ({ name }, state, say) => (name === "alibi" ? fraction(slopes(state.heads)[state.head - 1]) : name === "rope" && !state.all ? (state.method === "none" ? say.schemes.rope : say.methods[state.method]) : (say.schemes[name] ?? say[name]));

  /** Vertical scale of scores: everything, but of steep heads no more than lets the chosen one be seen. */
  function scoreAxis({ main, others }, state) {
    let [low, high] = range([main, ...others].map(({ values }) => values));
    if (state.scheme === "alibi" && !state.all) low = 1.4 * main.values.at(-1);
    if (high - low < 1e-9) [low, high] = [-1, 1];
    const room = 0.06 * (high - low);
    const [min, max] = [low === 0 ? 0 : low - room, high === 0 ? 0 : high + room];
    return { min, max, ticks: ticks(min, max, 6) };
  }

  function draw(given) {
    const { state, result, words: say, width, height: tall } = given;
    if (state.view === "planes") return drawPlanes(given);
    const { main, others } = result;
    const over = state.view !== "keys";
    const logarithmic = over ? state.log : true;
    const first = over ? 0 : 1;
    const from = over && logarithmic ? 1 : 0;
    const shares = !others.length && state.scheme === "rope" && state.d === 8 && state.view === "score";
    let y;
    if (state.view === "score") y = { ...scoreAxis(result, state), title: say.scoreTitle(state.scaled) };
    else if (over) {
      const lowest = range([main, ...others].map(({ values }) => values.filter((one) => one > 1e-6)))[0];
      y = { min: 10 ** Math.floor(Math.log10(lowest) - 1e-9), max: 1, log: true, format: power, title: say.weightTitle };
    } else y = { min: 1, max: state.length, log: true, format: power, title: say.keysTitle };
    if (shares) y = { ...y, ...shareAxis(main), ticks: undefined };
    const lengths = [0, 1, 2, 3, 4].map((quarter) => (quarter * state.length) / 4);
    const x = { min: logarithmic ? 1 : 0, max: state.length, log: logarithmic, ticks: logarithmic ? undefined : width < 500 ? [0, state.length / 2, state.length] : lengths, format: (one) => number(one), title: over ? say.distance : say.lengthTitle };
    const place = axes({ width, height: tall, left: 52, right: width < 500 ? 78 : 96, x, y });
    const points = (values) => trace(place, values, first, from);
    const path = (values, series, kind) => line(place, points(values), series, kind ?? (state.length > 2048 && state.view === "score" ? "thin" : ""));
    const least = y.log ? y.min : -Infinity;
    const labels = [main, ...others].map((one) => ({ ...lastSeen(place, points(one.values), least), text: seriesName(one, state, say), series: one.series }));
    const heads = state.scheme === "alibi" && !state.all ? otherHeads(state) : [];
    for (const one of heads) addLabel(labels, { ...lastSeen(place, one.points, least), text: fraction(one.slope), series: one.series });
    if (!over) labels.push({ x: place.right, y: place.y(state.length), text: say.every, series: 6 });
    const planes = shares ? main.h.re.map((_, i) => waves({ re: [main.h.re[i]], im: [main.h.im[i]] }, [main.turned[i]], state.length)) : [];
    const names = shares ? [{ ...labels[0], text: say.sum, series: 6 }, ...planes.map((values, i) => ({ x: place.right, y: place.y(values.at(-1)), text: say.planeName(i), series: i + 1 }))] : labels;
    return picture(
      width,
      tall,
      state.view === "score" && !rotary(state) ? null : trainedZone(place, state, x.min, say),
      place.nodes,
      over ? probe(place, main, state, from) : null,
      over ? null : line(place, [[1, 1], [state.length, state.length]], 6, "ghost"),
      inside(place, heads.map((one) => line(place, one.points, one.series, "thin")), [...others].reverse().map((one) => path(one.values, one.series)), planes.map((values, i) => path(values, i + 1, "thin")), path(main.values, shares ? 6 : 1)),
      ends(names.filter(({ early }) => !early), { top: place.top, bottom: place.bottom }),
      names.filter(({ early }) => early).map(({ x, text }) => label(x + 4, place.bottom - 6, text, "t halo")),
      over ? grip("at", place, { x: place.x(clamp(state.at, from, state.length - 1)) }) : null,
    );
  }

  /** Room for the planes and their sum. */
  function shareAxis({ h, values }) {
    const size = Math.max(...h.re.map((re, i) => Math.hypot(re, h.im[i])));
    const [low, high] = range([values]);
    return { min: Math.min(low, -size) * 1.06, max: Math.max(high, size) * 1.06 };
  }

  /** Takes one more label where there is room for it; those of lines that end early stand in one row. */
  function addLabel(labels, one) {
    if (labels.every(({ x, y, early }) => Math.abs(x - one.x) > 38 || (!(early && one.early) && Math.abs(y - one.y) > 15))) labels.push(one);
  }

  /** The other heads, those first whose labels matter most; those of the sequence for twice as many are of the second series. */
  function otherHeads({ heads, head, length, view, log }) {
    const main = 2 ** Math.floor(Math.log2(heads));
    const rest = slopes(heads).map((slope, r) => ({ slope, series: r < main ? 1 : 2 })).filter((_, r) => r !== head - 1);
    rest.sort((a, b) => (view === "score" ? b.slope - a.slope : a.slope - b.slope));
    const places = Array.from({ length: 121 }, (_, i) => (log || view === "keys" ? length ** (i / 120) : (i / 120) * length));
    const value = { score: (slope, n) => -slope * n, weight: linearWeight, keys: linearKeys }[view];
    return rest.map((one) => ({ ...one, points: places.map((n) => [n, value(one.slope, n, length)]) }));
  }

  /** What training had: up to the trained length. */
  function trainedZone(place, { trained, length }, least, say) {
    const [from, to] = [place.x(least), place.x(Math.min(trained, length))];
    const zone = svg("rect", { class: "zone", x: from, y: place.top, width: to - from, height: place.bottom - place.top });
    if (trained >= length) return zone;
    const left = to > (place.left + place.right) / 2;
    return [zone, svg("path", { class: "ref", d: `M${to} ${place.top}V${place.bottom}` }), label(left ? to - 6 : to + 6, place.top + 12, say.trainedMark, left ? "end" : "")];
  }

  function probe(place, { values }, { at }, from) {
    const n = clamp(at, from, values.length - 1);
    const [x, y] = [place.x(n), clamp(place.y(values[n]), place.top, place.bottom)];
    return [svg("path", { class: "gr", d: `M${x} ${place.top}V${place.bottom}` }), svg("circle", { class: "ring", cx: x, cy: y, r: 4 })];
  }

  function drawPlanes({ state, result, words: say, width, height: tall }) {
    const { stretch, others, open, total } = result;
    const need = Math.max(1, state.length / state.trained);
    const most = Math.max(2, need, ...stretch, ...others.flatMap((one) => [...one.stretch])) * 1.15;
    const x = { min: 0, max: total - 1, title: say.plane };
    const y = { min: 1, max: most, log: true, ticks: doubled(0, Math.floor(Math.log2(most))), format: (one) => number(one), title: say.stretchTitle };
    const place = axes({ width, height: tall, left: 40, right: 74, x, y });
    const edge = place.x(clamp(total - open - 0.5, 0, total - 1));
    const all = [{ method: state.method, stretch }, ...others];
    const path = ({ stretch: values }, i) => line(place, [...values].map((one, plane) => [plane, one]), i + 1);
    return picture(
      width,
      tall,
      open ? [svg("rect", { class: "zone", x: edge, y: place.top, width: place.right - edge, height: place.bottom - place.top }), label(edge + 6, place.bottom - 10, say.open)] : null,
      place.nodes,
      open && need > 1 ? [svg("path", { class: "ref", d: `M${place.left} ${place.y(need)}H${place.right}` }), label(place.right + 8, place.y(need) + 4.5, say.need(short(need)), "t")] : null,
      all.map(path).reverse(),
      // All lines end alike: each has its name where it is by itself.
      all.map(({ method, stretch: values }, i) => {
        const plane = Math.round(total * { none: 0.1, pi: 0.1, ntk: 0.25, yarn: 0.5 }[method]);
        const [at, level] = [place.x(plane), place.y(values[plane])];
        return [mark(at, level, i + 1), label(at + 8, level + 16, say.methods[method], "t halo")];
      }),
    );
  }

  function drag({ x }, { state, width }) {
    const right = width - (width < 500 ? 78 : 96);
    const share = clamp((x - 52) / (right - 52), 0, 1);
    const at = clamp(Math.round(state.log ? state.length ** share : share * state.length), 0, state.length - 1);
    return { at: DISTANCES.reduce((best, one) => (Math.abs(one - at) < Math.abs(best - at) && one < state.length ? one : best), 0) };
  }

  /* The sentence ----------------------------------------------------------------------------------------------- */

  function tell({ state, result, words: say }) {
    const { scheme, view, length, trained } = state;
    if (view === "planes") return say.planes(result.open, result.total, number(trained)) + say.fresh(number(length), result.fresh, number(result.furthest, 1));
    const { main } = result;
    const at = Math.min(state.at, length - 1);
    const beyond = () => main.weights.reduce((sum, one, n) => sum + (n >= trained ? one : 0), 0);
    const keys = say.keys(short(main.keys), number(length));
    if (view === "keys") return (trained < length ? say.beyond(percent(beyond()), number(trained)) : "") + keys;
    if (view === "weight") return say.weight(number(at), small(main.weights[at])) + (trained < length ? say.beyond(percent(beyond()), number(trained)) : "") + keys;
    const value = say.value(number(at), exact(main.values[at]));
    if (scheme === "none") return value + say.flat;
    if (scheme === "alibi") {
      const slope = slopes(state.heads)[state.head - 1];
      const power2 = 2 ** Math.floor(Math.log2(state.heads));
      return value + say.alibi(state.head, fraction(slope), number(Math.exp(-slope), 4)) + say.origin(state.heads, power2, state.heads - power2);
    }
    if (scheme === "sinusoidal" && state.shift > 0) {
      const before = curve(scheme, state, { shift: 0 });
      const divisor = state.scaled ? main.divisor : 1;
      const change = main.scores.reduce((most, one, n) => Math.max(most, Math.abs(one - before.scores[n]) / divisor), 0);
      return value + say.moved(number(state.shift), number(change, 3), change < 1e-6);
    }
    const kind = scheme === "rope" ? state.content : state.form;
    const [low, high] = range([main.values]);
    if (kind === "equal") {
      const negative = main.values.findIndex((one) => one < 0);
      return value + (negative < 0 ? say.positive(number(length)) : say.negative(number(negative)));
    }
    if (kind === "peak") return value + say.highest(exact(high, 2), number(main.values.indexOf(high)));
    if (kind === "random") return value + say.between(exact(low, 2), exact(high, 2));
    const within = Math.min(trained, length);
    let error = 0;
    for (let n = 0; n < within; n += 1) error += Math.abs(main.scores[n] + (8 * n) / trained) / within;
    const outside = main.scores.slice(trained);
    return value + say.learned(number(error, 3), outside.length ? exact(range([outside])[1], 1) : null);
  }

  function describe({ state, result, words: say }) {
    const plain = (text) => text.replace(/[*{}]|_/g, "");
    if (state.view === "planes") {
      const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (result.total - 1)));
      return say.describe(plain(say.stretchTitle), [[say.methods[state.method], rows.map((i) => [plain(say.planeName(i)), short(result.stretch[i])])]]);
    }
    const places = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * (state.length - 1)));
    const what = { score: say.scoreTitle(state.scaled), weight: say.weightTitle, keys: say.keysTitle }[state.view];
    const offset = state.view === "keys" ? 1 : 0;
    return say.describe(plain(what), [result.main, ...result.others].map((one) => [seriesName(one, state, say), places.map((n) => [number(n + offset), small(one.values[n])])]));
  }

  explorables.define("position", {
    words,
    controls,
    arithmetic: { frequencies, stretched, slopes, waves, randomContent, equalContent, peakContent, learnedContent, randomForm, formContent, attention, keysInUse, linearWeight, linearKeys, newAngles },
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
