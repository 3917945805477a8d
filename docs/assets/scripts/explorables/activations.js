// Activation functions with their derivatives, and the hidden units of a feed-forward block, plain or gated.
(() => {
  "use strict";

  // ── Arithmetic ──

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

  globalThis.explorables.arithmetic.activations = { normalCdf, FUNCTIONS, PLAIN, GATED, block };
})();
