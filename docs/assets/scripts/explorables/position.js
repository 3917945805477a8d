// Score against distance, for position encodings: none, sinusoidal, RoPE (with PI, NTK, YaRN) and ALiBi.
(() => {
  "use strict";

  // ── Arithmetic. A score under sinusoids or RoPE is Re Σ h_i exp(i D θ_i): content sets h, the encoding θ. ──

  /** θ_i = base^(−2i/d) for i = 0 … d/2 − 1. */
  const frequencies = (d, base) => Float64Array.from({ length: d / 2 }, (_, i) => base ** ((-2 * i) / d));

  /** Turns that each plane makes over the trained window. */
  const turns = (theta, trained) => theta.map((one) => (trained * one) / (2 * Math.PI));

  /** The base of NTK-aware scaling: the slowest plane becomes slower by s, the fastest stays. */
  const ntkBase = (d, base, s) => base * s ** (d / (d - 2));

  /** Frequencies after stretching by `s`: "none", "pi", "ntk" or "yarn" (ramp from 1 to 32 turns, as in the paper). */
  function stretched(method, { d, base, trained, s }) {
    const theta = frequencies(d, base);
    if (method === "pi") return theta.map((one) => one / s);
    if (method === "ntk") return d > 2 ? frequencies(d, ntkBase(d, base, s)) : theta.map((one) => one / s);
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

  /** Random numbers, normally distributed, the same on every machine (mulberry32, Box and Muller). */
  function normals(count, seed) {
    let state = seed;
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
    return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
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

  globalThis.explorables.arithmetic.position = { frequencies, turns, ntkBase, stretched, slopes, waves, randomContent, equalContent, peakContent, learnedContent, randomForm, formContent, attention, keysInUse, newAngles };
})();
