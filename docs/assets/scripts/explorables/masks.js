// Who sees whom under an attention mask, through how many layers, and what can be predicted.
(() => {
  "use strict";

  // ── Arithmetic. Rows look, columns are seen; a mask is an array of rows of booleans. ──

  const square = (size, visible) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_unused, j) => visible(i, j)));

  /** Levels that never fall; row i sees column j if level j ≤ level i. `kind`: "causal", "prefix", "full", "turns". */
  function levels(kind, size, { prefix = 1, input = 1, reply = 0 } = {}) {
    if (kind === "full") return new Array(size).fill(0);
    if (kind === "prefix") return Array.from({ length: size }, (_, i) => Math.max(0, i - prefix + 1));
    if (kind === "causal") return Array.from({ length: size }, (_, i) => i);
    // Turns: an input is one block that sees itself whole, the tokens of a reply follow one by one.
    let level = -1;
    return Array.from({ length: size }, (_, i) => {
      const place = i % (input + reply);
      if (place === 0 || place >= input) level += 1;
      return level;
    });
  }

  /** The mask of a kind; besides those with levels, "window" (the last `window` tokens) and "hollow" (all but itself). */
  function mask(kind, size, options = {}) {
    if (kind === "window") return square(size, (i, j) => j <= i && j > i - options.window);
    if (kind === "hollow") return square(size, (i, j) => i !== j);
    const level = levels(kind, size, options);
    return square(size, (i, j) => level[j] <= level[i]);
  }

  /** What reaches each row through so many layers, residual connections left out. */
  function reach(one, layers) {
    let seen = one;
    for (let layer = 1; layer < layers; layer += 1) {
      seen = square(one.length, (i, j) => one.some((_, k) => one[i][k] && seen[k][j]));
    }
    return seen;
  }

  const pairs = (one) => one.flat().filter(Boolean).length;

  /** Rows whose next token does not reach them, and which can therefore learn to predict it. */
  const honestRows = (seen) => seen.map((row, i) => i + 1 < row.length && !row[i + 1]);

  /** Rows computed when there were `cached` tokens that stay as they are: no token that came later reaches them. */
  function keptRows(one, cached) {
    const all = reach(one, one.length);
    return all.map((row, i) => i < cached && !row.some((visible, j) => visible && j >= cached));
  }

  globalThis.explorables.arithmetic.masks = { levels, mask, reach, pairs, honestRows, keptRows };
})();
