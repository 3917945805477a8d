// PPO's clipped objective of one token, and its derivative with respect to the ratio.
(() => {
  "use strict";

  const { svg, number, clamp, picture, label, axes, line, inside, grip } = explorables;

  /* Arithmetic ------------------------------------------------------------------------------------------------- */

  /** min(ρA, clip(ρ, 1 − ε, 1 + ε) A). */
  const clipped = (ratio, advantage, eps) =>
    Math.min(ratio * advantage, Math.min(Math.max(ratio, 1 - eps), 1 + eps) * advantage);

  /** Its derivative by ρ: 0 once the ratio has gone far enough in the direction that A asks for. */
  const slope = (ratio, advantage, eps) =>
    (advantage > 0 ? ratio > 1 + eps : ratio < 1 - eps) ? 0 : advantage;

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "PPO 的裁剪",
      advantage: "优势 *A*",
      ratio: "概率比 *ρ*",
      eps: "裁剪 *ε*",
      objective: "一个 token 的目标 *L*",
      slope: "d*L*/d*ρ*",
      axis: "概率比 *ρ*",
      raw: "不裁剪：*ρA*",
      clipped: "裁剪",
      value: (ratio, advantage, value, slope) => `*ρ* = ${ratio}、*A* = ${advantage} 时，*L* = ${value}，导数 ${slope}。`,
      none: "优势是 0，这个 token 不推也不拉。",
      far: { more: "它已经比旧策略可能得多，够了：不再推。", less: "它已经比旧策略少见得多，够了：不再压。" },
      back: { more: "这一步走反了，好动作反而变少：全力推回，不裁剪。", less: "这一步走反了，坏动作反而变多：全力压回，不裁剪。" },
      within: { more: "还在范围内，继续推高。", less: "还在范围内，继续压低。" },
      describe: (advantage, eps, rows) => `两幅折线图，*A* = ${advantage}，*ε* = ${eps}。${rows.map(([ratio, value, slope]) => `ρ = ${ratio}：L = ${value}，导数 ${slope}`).join("；")}。`,
    },
    en: {
      title: "PPO’s clip",
      advantage: "Advantage *A*",
      ratio: "Ratio *ρ*",
      eps: "Clip *ε*",
      objective: "objective *L* of one token",
      slope: "d*L*/d*ρ*",
      axis: "ratio *ρ*",
      raw: "unclipped *ρA*",
      clipped: "clipped",
      value: (ratio, advantage, value, slope) => `At *ρ* = ${ratio} and *A* = ${advantage}, *L* = ${value} with derivative ${slope}. `,
      none: "The advantage is 0: this token neither pushes nor pulls.",
      far: { more: "It is much likelier than under the old policy, enough: no more push.", less: "It is much rarer than under the old policy, enough: no more push." },
      back: { more: "It went the wrong way, a good action got rarer: full push back, no clip.", less: "It went the wrong way, a bad action got likelier: full push back, no clip." },
      within: { more: "Within the range: it is pushed up further.", less: "Within the range: it is pushed down further." },
      describe: (advantage, eps, rows) => `Two line plots, A = ${advantage}, ε = ${eps}. ${rows.map(([ratio, value, slope]) => `ρ = ${ratio}: L = ${value}, derivative ${slope}`).join("; ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const signed = (value, digits) => `${value > 0 ? "+" : ""}${number(value === 0 ? 0 : value, digits)}`;

  const controls = (say) => [
    { name: "advantage", kind: "range", label: say.advantage, value: 1, min: -2, max: 2, step: 0.1, format: (one) => signed(one, 1) },
    { name: "ratio", kind: "range", label: say.ratio, value: 1.5, min: 0, max: 2, step: 0.05, format: (one) => number(one, 2) },
    { name: "eps", kind: "range", label: say.eps, value: 0.2, min: 0.05, max: 0.5, step: 0.05, format: (one) => number(one, 2) },
  ];

  function compute({ advantage, ratio, eps }) {
    return { value: clipped(ratio, advantage, eps), slope: slope(ratio, advantage, eps) };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const narrow = (width) => width < 500;
  const height = (width) => (narrow(width) ? 500 : 300);
  const TOP = { tall: 290, second: 200 };

  /** Places of both panels: the objective, and its derivative. */
  function layout(width, { advantage }) {
    const reach = Math.max(0.5, 2 * Math.abs(advantage));
    const [low, high] = advantage < 0 ? [-reach, 0] : [0, reach];
    const across = narrow(width) ? width : width * 0.58;
    return { low, high, across, beside: narrow(width) ? { dx: 0, dy: 300, width, height: TOP.second } : { dx: width * 0.64, dy: 0, width: width * 0.36, height: 300 } };
  }

  function draw({ state, result, words: say, width, height: tall }) {
    const { advantage, ratio, eps } = state;
    const { low, high, across, beside } = layout(width, state);
    const x = { min: 0, max: 2, ticks: [0, 1, 2], title: say.axis };
    const first = axes({ width: across, height: narrow(width) ? TOP.tall : tall, left: 40, right: 14, x, y: { min: low, max: high, title: say.objective } });
    const corner = advantage > 0 ? 1 + eps : 1 - eps;
    const points = [0, corner, 2].map((one) => [one, clipped(one, advantage, eps)]);
    const range = (place) => svg("rect", { class: "zone", x: place.x(1 - eps), y: place.top, width: place.x(1 + eps) - place.x(1 - eps), height: place.bottom - place.top });
    const here = (x, y) => svg("rect", { class: result.slope === 0 ? "p2" : "p1", x: x - 4.5, y: y - 4.5, width: 9, height: 9 });
    const size = Math.max(0.5, Math.abs(advantage)) * 1.15;
    const second = axes({ width: beside.width, height: beside.height, left: 34, right: 10, x: x, y: { min: advantage < 0 ? -size : -0.08 * size, max: advantage < 0 ? 0.08 * size : size, title: say.slope } });
    const before = slope(0, advantage, eps);
    const after = slope(2, advantage, eps);
    const raw = [[0, 0], [2, 2 * advantage]];
    const at = advantage < 0 ? 0.62 : 1.42;
    return picture(
      width,
      tall,
      range(first),
      first.nodes,
      inside(first, line(first, raw, 3, "thin"), line(first, points, 1)),
      label(first.x(at) + (advantage < 0 ? 8 : -8), first.y(at * advantage) - 4, say.raw, `halo ${advantage < 0 ? "" : "end"}`),
      svg("circle", { class: "p6", cx: first.x(1), cy: first.y(advantage), r: 3.5 }),
      here(first.x(ratio), first.y(result.value)),
      label(first.x(1), advantage < 0 ? first.bottom - 8 : first.top + 14, "1 ± *ε*", "mid"),
      grip("ratio", first, { x: first.x(ratio) }),
      svg(
        "g",
        { transform: `translate(${beside.dx} ${beside.dy})` },
        range(second),
        second.nodes,
        line(second, [[0, before], [corner, before]], 1),
        line(second, [[corner, after], [2, after]], 1),
        here(second.x(ratio), second.y(result.slope)),
      ),
    );
  }

  function drag({ x }, { state, width }) {
    const { across } = layout(width, state);
    return { ratio: clamp(Math.round(((2 * (x - 40)) / (across - 54)) * 20) / 20, 0, 2) };
  }

  function tell({ state, result, words: say }) {
    const { advantage, ratio, eps } = state;
    const said = say.value(number(ratio, 2), signed(advantage, 1), number(result.value, 2), number(result.slope, 1));
    if (advantage === 0) return said + say.none;
    const way = advantage > 0 ? "more" : "less";
    if (result.slope === 0) return said + say.far[way];
    const wrong = advantage > 0 ? ratio < 1 - eps : ratio > 1 + eps;
    return said + (wrong ? say.back : say.within)[way];
  }

  const describe = ({ state: { advantage, eps }, words: say }) =>
    say.describe(
      signed(advantage, 1),
      number(eps, 2),
      [0, 0.5, 1, 1.5, 2].map((ratio) => [ratio, number(clipped(ratio, advantage, eps), 2), number(slope(ratio, advantage, eps), 1)]),
    );

  explorables.define("clip", {
    words,
    controls,
    arithmetic: { clipped, slope },
    compute,
    height,
    draw,
    drag,
    tell,
    describe,
    lines: [2, 4],
  });
})();
