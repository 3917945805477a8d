// Quantization: one linear layer rounded to a few bits, the error measured at its output.
//
// The layers are those of the pages' examples, number for number: ptq-vs-qat, int8-vs-fp16-speed, awq-quantization and
// weight-vs-activation-quantization. The larger ones come from the generator that the examples draw from. A layer is Y = X W, with a token in each row of X and, here, an output in each row of W, so
// that in both the input channels lie side by side.
(() => {
  "use strict";

  const { svg, number, short, picture, label, axes, line, mark, ends, ticks } = explorables;

  /* The layers ------------------------------------------------------------------------------------------------ */

  // Where the ziggurat's tail begins, and the area of each of its layers.
  const TAIL = 3.6541528853610088;
  const AREA = 0.004928673233974658;

  function ziggurat() {
    const width = new Float64Array(256);
    const bound = new Float64Array(256);
    const height = new Float64Array(256);
    const density = (x) => Math.exp(-0.5 * x * x);
    const base = AREA / density(TAIL);
    bound[0] = (TAIL / base) * 2 ** 52;
    width[0] = base / 2 ** 52;
    width[255] = TAIL / 2 ** 52;
    height[0] = 1;
    height[255] = density(TAIL);
    for (let i = 254, above = TAIL; i >= 1; i--) {
      const x = Math.sqrt(-2 * Math.log(AREA / above + density(above)));
      bound[i + 1] = (x / above) * 2 ** 52;
      width[i] = x / 2 ** 52;
      height[i] = density(x);
      above = x;
    }
    return { width, bound, height };
  }

  /** The first numbers of NumPy's `default_rng(0).standard_normal`: PCG64, then the ziggurat method. */
  function normals(count) {
    const { width, bound, height } = ziggurat();
    let state = 0x1aa1b5345996452d09585eb7a69561e3n;
    const next = () => {
      state = BigInt.asUintN(128, state * 0x2360ed051fc65da44385df649fccf645n + 0x418ddadb3af71a82588133bc447873a9n);
      const mixed = (state >> 64n) ^ BigInt.asUintN(64, state);
      const turn = state >> 122n;
      return BigInt.asUintN(64, (mixed >> turn) | (mixed << (64n - turn)));
    };
    const uniform = () => Number(next() >> 11n) / 2 ** 53;
    const draw = () => {
      for (;;) {
        const bits = next();
        const layer = Number(bits & 0xffn);
        const size = Number((bits >> 9n) & 0xfffffffffffffn);
        const x = bits & 0x100n ? -size * width[layer] : size * width[layer];
        if (size < bound[layer]) return x;
        while (layer === 0) {
          const beyond = -Math.log1p(-uniform()) / TAIL;
          const limit = -2 * Math.log1p(-uniform());
          if (limit > beyond * beyond) return bits & 0x20000n ? -(TAIL + beyond) : TAIL + beyond;
        }
        if ((height[layer - 1] - height[layer]) * uniform() + height[layer] < Math.exp(-0.5 * x * x)) return x;
      }
    };
    return Float64Array.from({ length: count }, draw);
  }

  const matrix = (rows, width, data) => ({ rows, width, data: Float64Array.from(data) });

  // What the layers are before the outlier is put in. `channels` are the input channels that the outlier scales;
  // `measure` says how the page of the layer states the error.
  const makers = {
    weights: () => ({
      // Inputs whose products add up to the page's matrix C.
      x: matrix(3, 3, [1, 0.9, 0, 0, Math.sqrt(0.19), 0, 0, 0, 1]),
      w: matrix(1, 3, [0.45, 0.35, 1]),
      channels: [2],
      measure: "sum",
    }),
    product: () => ({
      x: matrix(1, 4, [0.5, -1.2, 3.1, -0.03]),
      w: matrix(1, 4, [0.8, -0.4, 0.15, 2]),
      channels: [2],
      measure: "root",
    }),
    layer: () => {
      const drawn = normals(320 * 64);
      const w = new Float64Array(64 * 64);
      for (let k = 0; k < 64; k++) for (let j = 0; j < 64; j++) w[j * 64 + k] = drawn[256 * 64 + k * 64 + j];
      // The example leaves out the token that may hold a single large entry.
      return { x: matrix(256, 64, drawn.subarray(0, 256 * 64)), w: matrix(64, 64, w), channels: [5], measure: "root", leftOut: 7 };
    },
    salient: () => {
      const drawn = normals(64 * 256 + 512 * 256);
      const w = drawn.subarray(0, 64 * 256).map((value) => 0.02 * value);
      return { x: matrix(512, 256, drawn.subarray(64 * 256)), w: matrix(64, 256, w), channels: [7, 100], measure: "mean" };
    },
  };
  makers.entry = makers.layer;

  const made = new Map();
  function madeOf(name) {
    if (!made.has(name)) made.set(name, makers[name]());
    return made.get(name);
  }

  let latest = {};

  /** The layer called `name`, its outlier channels `factor` times as large (the single entry ten times that). */
  function layerOf(name, factor) {
    if (latest.name === name && latest.factor === factor) return latest;
    const base = madeOf(name);
    const x = { ...base.x, data: base.x.data.slice() };
    if (name === "entry") {
      if (factor > 1) x.data[base.leftOut * x.width + base.channels[0]] = 10 * factor;
    } else {
      for (let i = 0; i < x.rows; i++) for (const k of base.channels) x.data[i * x.width + k] *= factor;
    }
    latest = { ...base, name, factor, x };
    return latest;
  }

  /* Rounding -------------------------------------------------------------------------------------------------- */

  /** The nearest integer, halves to the even one. */
  function nearest(x) {
    const rounded = Math.round(x);
    return Math.abs(x % 1) === 0.5 && rounded % 2 ? rounded - 1 : rounded;
  }

  /** X W, both with the input channels in their rows. */
  function product(x, w) {
    const out = new Float64Array(x.rows * w.rows);
    const width = x.width;
    for (let i = 0; i < x.rows; i++) {
      for (let j = 0; j < w.rows; j++) {
        let sum = 0;
        for (let k = 0, a = i * width, b = j * width; k < width; k++) sum += x.data[a++] * w.data[b++];
        out[i * w.rows + j] = sum;
      }
    }
    return out;
  }

  /**
   * A matrix rounded to `bits`, with one step for the whole ("tensor"), for each row ("line") or for each so many
   * neighbours in a row. `codes` are the integers, `step` and `zero` those of each entry.
   */
  function quantize({ rows, width, data }, { bits, symmetric, per }) {
    const size = data.length;
    const out = { rows, width, data: new Float64Array(size), codes: new Float64Array(size), step: new Float64Array(size), zero: new Float64Array(size) };
    const length = per === "tensor" ? size : per === "line" ? width : Math.min(per, width);
    const top = symmetric ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
    for (let from = 0; from < size; ) {
      // A group ends with its row at the latest.
      const to = per === "tensor" ? size : Math.min(from + length, from - (from % width) + width);
      let low = Infinity;
      let high = -Infinity;
      for (let i = from; i < to; i++) {
        if (data[i] < low) low = data[i];
        if (data[i] > high) high = data[i];
      }
      // Where all are equal, a step of their size holds them exactly.
      let step = symmetric ? Math.max(high, -low) / top : (high - low) / top || Math.abs(high);
      if (step === 0) step = 1;
      const zero = symmetric ? 0 : -nearest(low / step);
      const [least, most] = symmetric ? [-top, top] : [0, top];
      for (let i = from; i < to; i++) {
        const code = Math.min(most, Math.max(least, nearest(data[i] / step) + zero));
        out.codes[i] = code;
        out.step[i] = step;
        out.zero[i] = zero;
        out.data[i] = step * (code - zero);
      }
      from = to;
    }
    return out;
  }

  /* Remedies -------------------------------------------------------------------------------------------------- */

  /** For each input channel, what `fold` makes of the magnitudes in its column. */
  function columns({ rows, width, data }, fold) {
    const out = new Float64Array(width);
    for (let i = 0; i < rows; i++) for (let k = 0; k < width; k++) out[k] = fold(out[k], Math.abs(data[i * width + k]));
    return out;
  }
  const largest = (m) => columns(m, Math.max);
  const mean = (m) => columns(m, (sum, value) => sum + value / m.rows);

  /** The factor s of each input channel: weights are multiplied by it, activations divided. */
  function factors({ x, w }, remedy, alpha) {
    if (remedy === "awq") return mean(x).map((size) => size ** alpha);
    const weights = largest(w);
    return largest(x).map((size, k) => size ** alpha / weights[k] ** (1 - alpha));
  }

  const scaled = (m, s, power) => ({ ...m, data: m.data.map((value, i) => value * s[i % m.width] ** power) });

  /** Each row times the orthogonal Hadamard matrix, whose width is a power of two. */
  function rotated({ rows, width, data }) {
    const out = data.slice();
    for (let half = 1; half < width; half *= 2) {
      for (let i = 0; i < rows * width; i++) {
        if (i & half) continue;
        const [a, b] = [out[i], out[i + half]];
        out[i] = (a + b) / Math.SQRT2;
        out[i + half] = (a - b) / Math.SQRT2;
      }
    }
    return { rows, width, data: out };
  }

  const LARGE = 6; // LLM.int8() keeps channels that reach this in 16 bits

  /** Both matrices as they are before rounding, and which channels are not rounded at all. */
  function prepared(layer, { remedy, alpha }) {
    const { x, w } = layer;
    const kept = new Set();
    if (remedy === "split") largest(x).forEach((size, k) => size >= LARGE && kept.add(k));
    if (remedy === "rotate" && Number.isInteger(Math.log2(x.width))) return { x: rotated(x), w: rotated(w), kept, turned: true };
    if (remedy !== "awq" && remedy !== "smooth") return { x, w, kept };
    const s = factors(layer, remedy, alpha);
    return { x: scaled(x, s, -1), w: scaled(w, s, 1), kept, s };
  }

  /** A matrix rounded, apart from the channels that are kept; those play no part in the steps either. */
  function rounded(m, kept, settings) {
    if (!kept.size) return quantize(m, settings);
    const without = { ...m, data: m.data.map((value, i) => (kept.has(i % m.width) ? 0 : value)) };
    const out = quantize(without, settings);
    m.data.forEach((value, i) => kept.has(i % m.width) && (out.data[i] = value));
    return out;
  }

  /** The sums over all tokens that count of the products of any two input channels, above the diagonal. */
  function productsOf({ x, leftOut }) {
    const out = new Float64Array(x.width ** 2);
    for (let i = 0; i < x.rows; i++) {
      if (i === leftOut) continue;
      const row = x.data.subarray(i * x.width, (i + 1) * x.width);
      for (let k = 0; k < x.width; k++) for (let l = k; l < x.width; l++) out[k * x.width + l] += row[k] * row[l];
    }
    return out;
  }

  /** The sum of squares of X W, from the products of the channels: the cheaper way where X stays as it is. */
  function squaresOf(w, gram) {
    const width = w.width;
    let sum = 0;
    for (let from = 0; from < w.data.length; from += width) {
      for (let k = 0; k < width; k++) {
        let beside = 0;
        for (let l = k + 1; l < width; l++) beside += gram[k * width + l] * w.data[from + l];
        sum += w.data[from + k] * (gram[k * width + k] * w.data[from + k] + 2 * beside);
      }
    }
    return sum;
  }

  /** Rounded weights as they meet X without the remedy. */
  function restored(w, s, turned) {
    if (s) return scaled(w, s, -1);
    return turned ? rotated(w) : w;
  }

  /** What the squares would come to if errors of weights were uniform within a step and independent. */
  function noise(w, kept, s, gram) {
    const { width } = w;
    return w.step.reduce((sum, step, i) => {
      const k = i % width;
      return kept.has(k) ? sum : sum + ((step / (s?.[k] ?? 1)) ** 2 / 12) * gram[k * width + k];
    }, 0);
  }

  const less = (m, other) => ({ ...m, data: m.data.map((value, i) => value - other.data[i]) });

  /**
   * What rounding does to a layer. `settings`: layer, outlier (factor), target (weights, activations or both), bits,
   * symmetric, per, remedy (none, awq, smooth, rotate or split), alpha. The error is stated as on the layer's page:
   * "sum" of squares, "mean" of squares or its square "root"; so is what is `predicted` of rounding weights alone.
   * `relative` is the root mean square over that of Y.
   */
  function measure(settings) {
    const layer = layerOf(settings.layer, settings.outlier);
    const { x, w, kept, s, turned } = prepared(layer, settings);
    const xq = settings.target === "weights" ? x : rounded(x, kept, settings);
    const wq = settings.target === "activations" ? w : rounded(w, kept, settings);
    layer.gram ??= productsOf(layer);
    layer.power ??= squaresOf(layer.w, layer.gram);
    let y;
    let predicted;
    let squares = 0;
    if (settings.target === "weights") {
      squares = Math.max(0, squaresOf(less(restored(wq, s, turned), layer.w), layer.gram));
      if (!turned) predicted = noise(wq, kept, s, layer.gram);
    } else {
      layer.y ??= product(layer.x, layer.w);
      y = product(xq, wq);
      y.forEach((value, i) => {
        if (Math.floor(i / w.rows) !== layer.leftOut) squares += (value - layer.y[i]) ** 2;
      });
    }
    const count = (layer.x.rows - (layer.leftOut === undefined ? 0 : 1)) * w.rows;
    const stated = { sum: (all) => all, mean: (all) => all / count, root: (all) => Math.sqrt(all / count) }[layer.measure];
    const relative = Math.sqrt(squares / layer.power);
    return { layer, x, w, xq, wq, kept, turned, y, error: stated(squares), predicted: predicted && stated(predicted), relative };
  }

  /** The share of the entries outside the outlier channels that become 0: of the activations, if they are rounded. */
  function zeros({ layer, xq, wq }, target) {
    const { codes, zero, width } = target === "weights" ? wq : xq;
    let [zeroed, all] = [0, 0];
    codes.forEach((code, i) => {
      if (layer.channels.includes(i % width)) return;
      all++;
      if (code === zero[i]) zeroed++;
    });
    return zeroed / all;
  }

  /* Words and controls ------------------------------------------------------------------------------------------ */

  const GROUPS = [64, 32, 16];
  const perOf = (per) => (per === "tensor" || per === "line" ? per : Number(per));

  // What the controls stand at when a layer is chosen: what its page computes.
  const starts = {
    weights: { target: "weights", bits: 2, grid: "symmetric", per: "line", outlier: 1, remedy: "none", alpha: 0.5, view: "grid" },
    product: { target: "both", bits: 8, grid: "symmetric", per: "line", outlier: 1, remedy: "none", alpha: 0.5, view: "grid" },
    layer: { target: "both", bits: 8, grid: "symmetric", per: "line", outlier: 100, remedy: "none", alpha: 0.5, view: "channels" },
    entry: { target: "both", bits: 8, grid: "symmetric", per: "line", outlier: 100, remedy: "none", alpha: 0.5, view: "channels" },
    salient: { target: "weights", bits: 3, grid: "asymmetric", per: "64", outlier: 20, remedy: "awq", alpha: 0.35, view: "alpha" },
  };

  const words = {
    zh: {
      title: "量化一个线性层",
      layer: "层",
      layers: { weights: "3 个权重", product: "4 个数的点积", salient: "256 × 64", layer: "64 × 64", entry: "64 × 64，单个巨大激活" },
      target: "量化什么",
      targets: { weights: "权重", activations: "激活", both: "两者" },
      targetNames: { weights: "权重", activations: "激活", both: "权重与激活" },
      bits: "比特数",
      grid: "网格",
      grids: { symmetric: "对称", asymmetric: "非对称" },
      per: "一个步长管多少",
      pers: { tensor: "整个张量", line: "输出通道、token", 64: "每 64 个", 32: "每 32 个", 16: "每 16 个" },
      lines: { weights: "每个输出通道", activations: "每个 token ", both: "每个输出通道、每个 token " },
      outlier: "离群值放大",
      times: (r) => `${r} 倍`,
      remedy: "补救",
      remedies: { none: "没有", awq: "AWQ", smooth: "SmoothQuant", rotate: "旋转", split: "大通道留 16 位" },
      alpha: "*α*",
      view: "画什么",
      views: { grid: "网格", channels: "各通道", bits: "误差与比特数", alpha: "误差与 *α*" },
      x: "激活",
      w: "权重",
      line: ({ what, step, from, to }) => `${what}，通道 ${from}–${to}，一步 ${step}`,
      rowOf: { x: "一个 token 的激活", w: "一个输出的权重" },
      channel: "输入通道",
      largest: "各通道的最大绝对值",
      error: { sum: "输出误差的平方和", mean: "输出的均方误差（× 1000）", root: "输出的均方根误差" },
      now: "现在",
      without: "没有补救",
      predicted: "均匀噪声的预测",
      least: (value, at) => `最小 ${value}，α = ${at}`,
      tell({ target, bits, grid, per, measure, error, relative, zeros, without, product, kept }) {
        const zero = zeros ? `离群通道之外的${zeros.what}有 ${zeros.share} 变成 0。` : "";
        const better = without ? `没有补救时是 ${without}。` : "";
        const split = kept ? `${kept} 个通道留在 16 位。` : "";
        const sum = product ? `编码相乘再相加得 ${product.sum}，乘两个步长得 ${product.value}，精确值 ${product.exact}。` : "";
        return `${target} ${bits} 比特，${grid}，${per}一个步长。${measure}为 ${error}，相对误差 ${relative}。${better}${split}${sum}${zero}`;
      },
      describe: {
        row: ({ what, step, values }) => `${what}，一步 ${step}` + (values ? `：${values}。` : "。"),
        grid: "数轴，上面是取整之前的值，下面是网格上最近的值。",
        channels: ({ x, w }) => `散点图，对数轴：各输入通道的最大绝对值。激活的最大是通道 ${x.at} 的 ${x.most}，中位数 ${x.middle}；权重的最大是通道 ${w.at} 的 ${w.most}，中位数 ${w.middle}。`,
        curve: ({ name, value, at }) => `折线图：${name}；现在在 ${at} 处，误差 ${value}。`,
        course: ([first, least, last]) => `从左到右由 ${first} 到 ${last}，最小 ${least}。`,
      },
    },
    en: {
      title: "quantize a linear layer",
      layer: "Layer",
      layers: { weights: "3 weights", product: "4 products", salient: "256 × 64", layer: "64 × 64", entry: "64 × 64, one entry" },
      target: "What is quantized",
      targets: { weights: "weights", activations: "activations", both: "both" },
      targetNames: { weights: "Weights", activations: "Activations", both: "Weights and activations" },
      bits: "Bits",
      grid: "Grid",
      grids: { symmetric: "symmetric", asymmetric: "asymmetric" },
      per: "One step for",
      pers: { tensor: "the whole tensor", line: "channel, token", 64: "each 64", 32: "each 32", 16: "each 16" },
      lines: { weights: "each output channel", activations: "each token", both: "each output channel and each token" },
      outlier: "Outlier, times",
      times: (r) => `${r} ×`,
      remedy: "Remedy",
      remedies: { none: "none", awq: "AWQ", smooth: "SmoothQuant", rotate: "rotation", split: "16 bits if large" },
      alpha: "*α*",
      view: "Picture",
      views: { grid: "grid", channels: "channels", bits: "error by bits", alpha: "error by *α*" },
      x: "activations",
      w: "weights",
      line: ({ what, step, from, to }) => `${what}, channels ${from}–${to}, step ${step}`,
      rowOf: { x: "a token’s activations", w: "an output’s weights" },
      channel: "input channel",
      largest: "largest magnitude in each channel",
      error: { sum: "sum of squared output errors", mean: "mean squared output error (× 1000)", root: "root mean square output error" },
      now: "now",
      without: "no remedy",
      predicted: "uniform noise",
      least: (value, at) => `least ${value}, at α = ${at}`,
      tell({ target, bits, grid, per, measure, error, relative, zeros, without, product, kept }) {
        const zero = zeros ? ` Of the ${zeros.what} outside the outlier channels ${zeros.share} become 0.` : "";
        const better = without ? ` Without a remedy it is ${without}.` : "";
        const split = kept ? ` ${kept} ${kept === 1 ? "channel stays" : "channels stay"} in 16 bits.` : "";
        const sum = product ? ` Codes multiplied and summed make ${product.sum}, times both steps ${product.value}; exactly it is ${product.exact}.` : "";
        return `${target} in ${bits} bits, ${grid}, one step for ${per}. The ${measure} is ${error}, the relative error ${relative}.${better}${split}${sum}${zero}`;
      },
      describe: {
        row: ({ what, step, values }) => `${what}, a step is ${step}` + (values ? `: ${values}.` : "."),
        grid: "Number lines, values before rounding above, the nearest on the grid below.",
        channels: ({ x, w }) => `Scatter plot on a log scale: the largest magnitude in each input channel. Activations reach ${x.most} in channel ${x.at}, the median is ${x.middle}; weights reach ${w.most} in channel ${w.at}, the median is ${w.middle}.`,
        curve: ({ name, value, at }) => `Line: ${name}; now at ${at}, with error ${value}.`,
        course: ([first, least, last]) => ` From left to right it goes from ${first} to ${last}; the least is ${least}.`,
      },
    },
  };

  const options = (names) => Object.entries(names);
  const controls = (say) => [
    { name: "layer", kind: "select", label: say.layer, value: "layer", options: options(say.layers) },
    { name: "target", kind: "select", label: say.target, value: "both", options: options(say.targets) },
    { name: "per", kind: "select", label: say.per, value: "line", options: ["tensor", "line", ...GROUPS].map((one) => [String(one), say.pers[one]]) },
    { name: "bits", kind: "range", label: say.bits, value: 8, min: 2, max: 8, step: 1 },
    { name: "outlier", kind: "range", label: say.outlier, value: 100, stops: [1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100], format: say.times },
    { name: "grid", kind: "select", label: say.grid, value: "symmetric", options: options(say.grids) },
    { name: "remedy", kind: "select", label: say.remedy, value: "none", options: options(say.remedies) },
    { name: "alpha", kind: "range", label: say.alpha, value: 0.5, min: 0, max: 1, step: 0.05, format: (a) => number(a, 2), enabled: ({ remedy }) => remedy === "awq" || remedy === "smooth" },
    { name: "view", kind: "choice", label: say.view, value: "channels", wide: true, options: options(say.views) },
  ];

  const settle = (state, name) => (name === "layer" ? starts[state.layer] : {});

  const settingsOf = ({ layer, target, bits, grid, per, outlier, remedy, alpha }) => ({ layer, target, bits, symmetric: grid === "symmetric", per: perOf(per), outlier, remedy, alpha });

  // Errors that have been measured, by their settings: lines need many, and a slider comes back to them.
  const measured = new Map();
  function errorsOf(settings) {
    const scaling = settings.remedy === "awq" || settings.remedy === "smooth";
    const key = JSON.stringify(scaling ? settings : { ...settings, alpha: null });
    if (measured.size > 3000) measured.clear();
    if (!measured.has(key)) {
      const { error, predicted } = measure(settings);
      measured.set(key, { error, predicted });
    }
    return measured.get(key);
  }

  function compute(state) {
    const settings = settingsOf(state);
    const result = measure(settings);
    return { ...result, settings, without: settings.remedy === "none" ? null : errorsOf({ ...settings, remedy: "none" }).error };
  }

  /* The picture ------------------------------------------------------------------------------------------------- */

  const HEIGHT = 264;
  const height = () => HEIGHT;
  /** An error as its page prints it, small ones to three digits. */
  function stated(error, kind) {
    const [value, digits] = { sum: [error, 4], mean: [1000 * error, 2], root: [error, 3] }[kind];
    return value > 20 * 10 ** -digits ? number(value, digits) : short(value, 3);
  }

  /** Of a matrix the part of one row that shares a step with its outlier channel. */
  function part({ layer, settings }, name, before, after) {
    const m = name === "x" ? before.x : before.w;
    const channel = layer.channels[0];
    const row = name === "x" && settings.layer === "entry" ? layer.leftOut : 0;
    const length = settings.per === "tensor" || settings.per === "line" ? m.width : Math.min(settings.per, m.width);
    const from = Math.floor(channel / length) * length;
    const to = Math.min(from + length, m.width);
    const at = row * m.width;
    const cut = (list) => Array.from(list.subarray(at + from, at + to));
    return { name, from, to, values: cut(m.data), rounded: cut(after.data), codes: cut(after.codes), step: after.step[at + channel], zero: after.zero[at + channel] };
  }

  function parts(result) {
    const { settings, x, w, xq, wq } = result;
    const before = { x, w };
    return [
      ...(settings.target === "weights" ? [] : [part(result, "x", before, xq)]),
      ...(settings.target === "activations" ? [] : [part(result, "w", before, wq)]),
    ];
  }

  function gridView({ result, words: say, width }) {
    const { settings, layer, kept, turned } = result;
    const rows = parts(result);
    const room = HEIGHT / 2;
    const few = (list) => list.length <= 4;
    return rows.map(({ name, from, to, values, rounded: after, codes, step, zero }, i) => {
      const top = settings.symmetric ? 2 ** (settings.bits - 1) - 1 : 2 ** settings.bits - 1;
      const [low, high] = settings.symmetric ? [-top, top] : [-zero, top - zero];
      const [least, most] = [Math.min(low * step, ...values), Math.max(high * step, ...values)];
      const place = (value) => 14 + ((value - least) / (most - least || 1)) * (width - 28);
      const base = i * room + (rows.length === 1 ? 40 : 0);
      const [above, below] = [base + 54, base + 96];
      const spacing = ((width - 28) * step) / (most - least || 1);
      const used = new Set(codes);
      const marks = Array.from({ length: high - low + 1 }, (_, at) => low + at).filter((at) => spacing >= 3 || at === low || at === high || at === 0 || (few(values) && used.has(at + zero)));
      const every = Math.ceil(24 / spacing);
      const written = marks.filter((at) => (few(values) && spacing < 24 ? used.has(at + zero) || at === low : at % every === 0));
      // Labels that would touch lean away from each other.
      const near = (k, side) => values.some((one) => side * (one - values[k]) > 0 && Math.abs(place(one) - place(values[k])) < 36);
      const lean = (k) => (near(k, 1) ? [6, "end"] : near(k, -1) ? [-6, ""] : [0, "mid"]);
      return [
        label(0, base + 15, say.line({ what: say.rowOf[name], step: short(step, 3), from, to: to - 1 }), "t"),
        svg("path", { class: "ax", d: `M${place(low * step)} ${below}H${place(high * step)}` }),
        svg("path", { class: "ax", d: marks.map((at) => `M${place(at * step).toFixed(1)} ${below - 5}v10`).join("") }),
        written.map((at) => label(place(at * step), below + 20, String(at + zero).replace("-", "−"), "mid")),
        values.map((value, k) => {
          const [x, y] = [place(value), place(after[k])];
          const special = settings.outlier > 1 && !turned && layer.channels.includes(from + k);
          const exact = kept.has(from + k);
          return [
            svg("path", { class: `ln thin ${special ? "c2" : "c1"}`, style: "stroke-dasharray:none", opacity: few(values) ? 1 : 0.5, d: `M${x.toFixed(1)} ${above}L${y.toFixed(1)} ${below}` }),
            special ? mark(x, above, 2) : svg("circle", { class: "p1", cx: x, cy: above, r: few(values) ? 4 : 2.5 }),
            exact ? null : svg("circle", { class: "p6", cx: y, cy: below, r: few(values) ? 3 : 2 }),
            few(values) ? label(x + lean(k)[0], above - 10, short(value, 3), `t ${lean(k)[1]}`) : null,
          ];
        }),
      ];
    });
  }

  /** Where an axis of magnitudes is marked: at powers of ten, or, where there are few of them, at 1, 2 and 5. */
  function nice(min, max) {
    if (max / min > 60) return undefined;
    const all = [-4, -3, -2, -1, 0, 1, 2].flatMap((power) => [1, 2, 5].map((one) => Number(`${one}e${power}`)));
    const inside = all.filter((one) => one >= min && one <= max);
    return inside.length ? inside : [min, max].map((one) => Number(one.toPrecision(2)));
  }

  const summary = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const most = sorted.at(-1);
    return { most: short(most, 3), at: values.indexOf(most), middle: short(sorted[Math.floor(sorted.length / 2)], 3) };
  };

  function channelsView({ result, words: say, width }) {
    const { x, w, layer, kept } = result;
    const series = [
      [largest(w), say.w, 2, largest(layer.w)],
      [largest(x), say.x, 1, largest(layer.x)],
    ];
    const all = series.flatMap(([values, , , before]) => [...values, ...before]);
    const [min, max] = [Math.min(...all) / 1.3, Math.max(...all) * 1.3];
    const place = axes({
      width,
      height: HEIGHT,
      left: 46,
      right: 92,
      x: { min: -0.5, max: x.width - 0.5, title: say.channel, ticks: ticks(0, x.width - 1, Math.min(4, x.width - 1)) },
      y: { min, max, log: true, title: say.largest, ticks: nice(min, max) },
    });
    const small = x.width > 100 ? 0.55 : 0.8;
    return [
      place.nodes,
      series.map(([values, , number, before]) =>
        Array.from(values, (value, k) => {
          const [left, top] = [place.x(k), place.y(value)];
          const shown = svg("g", { transform: `translate(${left.toFixed(1)} ${top.toFixed(1)}) scale(${number === 1 ? small * 0.8 : small})` }, mark(0, 0, number));
          const moved = Math.abs(place.y(before[k]) - top) > 6;
          return [moved && layer.channels.includes(k) ? svg("path", { class: "ghost", d: `M${left} ${place.y(before[k])}V${top}` }) : null, kept.has(k) && number === 1 ? svg("circle", { class: "gone", cx: left, cy: top, r: 8 }) : null, shown];
        }),
      ),
      ends(
        series.map(([values, text, number], i) => ({ x: place.right + 6 + 10 * i, y: place.y(values.at(-1)), text, series: number })),
        { top: place.top, bottom: place.bottom },
      ),
    ];
  }

  // What a line shows may take a while to measure: it grows a few points at a time, between what the reader does.
  let growing;
  function grow(job) {
    cancelAnimationFrame(growing);
    const step = () => {
      const until = performance.now() + 12;
      while (performance.now() < until) if (!job()) return;
      growing = requestAnimationFrame(step);
    };
    growing = requestAnimationFrame(step);
  }

  function curveView({ state, result, words: say, width }) {
    const { settings, layer, error, without } = result;
    const byBits = state.view === "bits";
    const scaling = settings.remedy === "awq" || settings.remedy === "smooth";
    const remedy = byBits || scaling ? settings.remedy : "awq";
    const stops = byBits ? [2, 3, 4, 5, 6, 7, 8] : Array.from({ length: 21 }, (_, i) => Number((i / 20).toFixed(2)));
    const at = (stop, remedy) => ({ ...settings, remedy, ...(byBits ? { bits: stop } : { alpha: stop }) });
    // Against the number of bits, with and without the remedy; against alpha, as measured and as predicted.
    const lines = [{ text: remedy === "none" ? "" : say.remedies[remedy], of: (stop) => errorsOf(at(stop, remedy)).error }];
    if (byBits && remedy !== "none") lines.push({ text: say.without, of: (stop) => errorsOf(at(stop, "none")).error });
    if (!byBits && settings.target === "weights") lines.push({ text: say.predicted, of: (stop) => errorsOf(at(stop, remedy)).predicted });
    const factor = layer.measure === "mean" ? 1000 : 1;

    const group = svg("g", {});
    const paint = (found) => {
      const values = [...found.flat(), error, without ?? error].map((one) => one * factor).filter((one) => one > 0);
      const [min, max] = [Math.min(...values) / 1.4, Math.max(...values) * 1.4];
      const place = axes({
        width,
        height: HEIGHT,
        left: 50,
        right: 116,
        x: byBits ? { min: 2, max: 8, title: say.bits, ticks: stops } : { min: 0, max: 1, title: say.alpha, ticks: [0, 0.25, 0.5, 0.75, 1] },
        y: { min, max, log: true, title: say.error[layer.measure], ticks: nice(min, max) },
      });
      const complete = found.every((list) => list.length === stops.length);
      const best = complete && !byBits ? found[0].indexOf(Math.min(...found[0])) : -1;
      const points = (list) => list.map((one, i) => [stops[i], Math.max(min, one * factor)]);
      const named = lines.map(({ text }, i) => ({ text, list: found[i], series: i + 1 }));
      const still = !byBits && (without ?? error);
      group.replaceChildren(
        ...[
          place.nodes,
          still ? [svg("path", { class: "ref", d: `M${place.left} ${place.y(still * factor)}H${place.right}` }), label(place.right + 6, place.y(still * factor) + 4.5, say.without)] : null,
          lines.map((_, i) => line(place, points(found[i]), i + 1)),
          best >= 0 ? label(Math.max(place.left + 78, place.x(stops[best])), place.y(found[0][best] * factor) + 22, say.least(stated(found[0][best], layer.measure), number(stops[best], 2)), "halo mid") : null,
          complete ? ends(named.filter(({ text }) => text).map(({ text, list, series }) => ({ x: place.right, y: place.y(Math.max(min, list.at(-1) * factor)), text, series })), { top: place.top, bottom: place.bottom }) : null,
          byBits || scaling
            ? [mark(place.x(byBits ? settings.bits : settings.alpha), place.y(Math.max(min, error * factor)), 6), label(place.x(byBits ? settings.bits : settings.alpha), place.y(Math.max(min, error * factor)) - 12, stated(error, layer.measure), "t b halo mid")]
            : null,
        ].flat(Infinity).filter(Boolean),
      );
    };
    const found = lines.map(() => []);
    paint(found);
    grow(() => {
      const i = found.findIndex((list) => list.length < stops.length);
      if (i < 0) {
        const ends = [found[0][0], Math.min(...found[0]), found[0].at(-1)].map((one) => stated(one, layer.measure));
        group.ownerSVGElement?.setAttribute("aria-label", describe({ state, result: { ...result, ends }, words: say }));
        return false;
      }
      found[i].push(lines[i].of(stops[found[i].length]));
      paint(found);
      return true;
    });
    return group;
  }

  const views = { grid: gridView, channels: channelsView, bits: curveView, alpha: curveView };
  const draw = (given) => {
    cancelAnimationFrame(growing);
    return picture(given.width, HEIGHT, views[given.state.view](given));
  };

  function tell({ state, result, words: say }) {
    const { settings, layer, error, relative, without, kept, y, xq, wq } = result;
    const shared = zeros(result, settings.target);
    const single = settings.layer === "product" && settings.target === "both" && settings.symmetric && settings.remedy !== "split";
    const sum = single ? xq.codes.reduce((total, code, k) => total + code * wq.codes[k], 0) : 0;
    return say.tell({
      target: say.targetNames[settings.target],
      bits: settings.bits,
      grid: say.grids[state.grid],
      per: state.per === "line" ? say.lines[settings.target] : say.pers[state.per],
      measure: say.error[layer.measure],
      error: stated(error, layer.measure),
      relative: `${number(100 * relative, 1)}%`,
      without: without === null ? null : stated(without, layer.measure),
      kept: kept.size,
      product: single ? { sum: number(sum), value: number(y[0], 4), exact: number(layer.y[0], 4) } : null,
      zeros: layer.x.width > 4 ? { what: settings.target === "weights" ? say.w : say.x, share: `${number(100 * shared, 1)}%` } : null,
    });
  }

  function describe({ state, result, words: say }) {
    const { settings, layer, error, ends } = result;
    if (state.view === "grid") {
      const rows = parts(result).map(({ name, step, values, codes }) => {
        const written = values.map((value, k) => `${short(value, 3)} → ${number(codes[k])}`);
        return say.describe.row({ what: say.rowOf[name], step: short(step, 3), values: values.length <= 4 && written.join(", ") });
      });
      return [say.describe.grid, ...rows].join(" ");
    }
    if (state.view === "channels") return say.describe.channels({ x: summary(largest(result.x)), w: summary(largest(result.w)) });
    const at = state.view === "bits" ? `${say.bits} ${settings.bits}` : `α ${number(settings.alpha, 2)}`;
    const curve = say.describe.curve({ name: say.error[layer.measure], value: stated(error, layer.measure), at });
    return ends ? curve + say.describe.course(ends) : curve;
  }

  // What the tests compare with the examples: plain lists and numbers.
  const arithmetic = {
    normals: (count) => [...normals(count)],
    quantize(rows, settings) {
      const { data, codes, step, zero } = quantize(matrix(rows.length, rows[0].length, rows.flat()), settings);
      return { values: [...data], codes: [...codes], step: [...step], zero: [...zero] };
    },
    factors: (name, outlier, remedy, alpha) => [...factors(layerOf(name, outlier), remedy, alpha)],
    measure(settings) {
      const result = measure(settings);
      const output = result.y ? [...result.y.slice(0, 4)] : null;
      return { error: result.error, relative: result.relative, predicted: result.predicted, zeros: zeros(result, settings.target), kept: [...result.kept], output };
    },
  };

  explorables.define("quantization", { words, controls, arithmetic, settle, compute, height, draw, tell, describe, lines: { zh: [3, 5], en: [4, 7] } });
})();
