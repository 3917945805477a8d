// PPO's clipped objective of one token, and its derivative with respect to the ratio.
(() => {
  "use strict";

  // ── Arithmetic ──

  /** min(ρA, clip(ρ, 1 − ε, 1 + ε) A). */
  const clipped = (ratio, advantage, eps) =>
    Math.min(ratio * advantage, Math.min(Math.max(ratio, 1 - eps), 1 + eps) * advantage);

  /** Its derivative by ρ: 0 once the ratio has gone far enough in the direction that A asks for. */
  const slope = (ratio, advantage, eps) =>
    (advantage > 0 ? ratio > 1 + eps : ratio < 1 - eps) ? 0 : advantage;

  globalThis.explorables.arithmetic.clip = { clipped, slope };
})();
