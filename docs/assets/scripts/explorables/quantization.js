// Quantization: one linear layer rounded to a few bits, the error measured at its output.
//
// The layers are those of the pages' examples, number for number: the larger ones are drawn from the generator that
// the examples draw from. A layer is Y = X W, with a token in each row of X and, here, an output in each row of W, so
// that in both the input channels lie side by side.
(() => {
  "use strict";

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

  /** The layer called `name`, its outlier channels `factor` times as large (the single entry ten times that). */
  function layerOf(name, factor) {
    const key = `${name} ${factor}`;
    const base = made.get(name) ?? makers[name]();
    made.set(name, base);
    if (made.get("key") === key) return made.get("current");
    const x = { ...base.x, data: base.x.data.slice() };
    if (name === "entry") {
      if (factor > 1) x.data[base.leftOut * x.width + base.channels[0]] = 10 * factor;
    } else {
      for (let i = 0; i < x.rows; i++) for (const k of base.channels) x.data[i * x.width + k] *= factor;
    }
    const layer = { ...base, x, y: product(x, base.w) };
    made.set("key", key).set("current", layer);
    return layer;
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
    if (remedy === "rotate" && Number.isInteger(Math.log2(x.width))) return { x: rotated(x), w: rotated(w), kept };
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

  /**
   * What rounding does to a layer. `settings`: layer, outlier (factor), target (weights, activations or both), bits,
   * symmetric, per, remedy (none, awq, smooth, rotate or split), alpha. The error is stated as on the layer's page:
   * "sum" of squares, "mean" of squares or its square "root"; `relative` is the root mean square over that of Y.
   */
  function measure(settings) {
    const layer = layerOf(settings.layer, settings.outlier);
    const { x, w, kept, s } = prepared(layer, settings);
    const xq = settings.target === "weights" ? x : rounded(x, kept, settings);
    const wq = settings.target === "activations" ? w : rounded(w, kept, settings);
    const y = product(xq, wq);
    const outputs = w.rows;
    let squares = 0;
    let power = 0;
    let count = 0;
    for (let i = 0; i < y.length; i++) {
      if (Math.floor(i / outputs) === layer.leftOut) continue;
      squares += (y[i] - layer.y[i]) ** 2;
      power += layer.y[i] ** 2;
      count++;
    }
    const error = { sum: squares, mean: squares / count, root: Math.sqrt(squares / count) }[layer.measure];
    return { layer, x, w, xq, wq, kept, s, y, error, relative: Math.sqrt(squares / power) };
  }

  /** The share of the entries outside the outlier channels that become 0. */
  function zeros({ layer, xq, wq }, target) {
    const { codes, zero, width } = target === "activations" ? xq : wq;
    let [zeroed, all] = [0, 0];
    codes.forEach((code, i) => {
      if (layer.channels.includes(i % width)) return;
      all++;
      if (code === zero[i]) zeroed++;
    });
    return zeroed / all;
  }

  globalThis.quantization = { normals, layerOf, quantize, factors, measure, zeros, largest };
})();
