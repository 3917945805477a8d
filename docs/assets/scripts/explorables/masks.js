// Who sees whom under an attention mask, through how many layers, and what can be predicted.
(() => {
  "use strict";

  const { svg, clamp, picture, label, grip } = explorables;

  /* Arithmetic. Rows look, columns are seen; a mask is an array of rows of booleans. ------------------------------- */

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

  const MOST = 12;

  /** Tokens of a sentence: a Han character each, otherwise what stands between spaces. */
  const tokens = (text) => (text.match(/\p{Script=Han}|[^\s\p{Script=Han}]+/gu) ?? []).slice(0, MOST);

  /** What each row has to predict that it cannot see: the place of a token, or −1. */
  function targets(kind, seen, hidden) {
    if (kind === "full") return seen.map((_, i) => (hidden.includes(i) ? i : -1));
    if (kind === "hollow") return seen.map((row, i) => (row[i] ? -1 : i));
    return honestRows(seen).map((honest, i) => (honest ? i + 1 : -1));
  }

  /* Words ------------------------------------------------------------------------------------------------------ */

  const words = {
    zh: {
      title: "掩码：谁看得见谁，谁能学",
      sentence: "今天天气真不错呀",
      text: "句子（汉字每字一个 token，其余按空格分，至多 12 个）",
      kind: "掩码",
      kinds: { causal: "因果", prefix: "前缀", full: "双向", window: "滑动窗口", turns: "逐轮：输入双向", hollow: "双向，不看自己" },
      prefix: "前缀长 *p*",
      window: "窗口 *w*",
      input: "每轮输入",
      reply: "每轮回复",
      layers: "层数",
      cached: "已缓存",
      off: "无",
      row: "看这一行",
      hidden: "遮成 [MASK] 的位置",
      keys: "被看的列 →",
      queries: "看的行 ↓",
      predicts: (count, target) => (target === null ? `看 ${count} 个` : `看 ${count} 个，学 ${target}`),
      short: (target) => (target === null ? "" : `→ ${target}`),
      row_tells: (i, token, seen, far) => `第 ${i} 行「${token}」直接看见 ${seen.length} 个${far ? `，多层之后另有 ${far} 个传到` : ""}。`,
      next: (token) => `它没有看见「${token}」，可以学着预测。`,
      copies: "下一个 token 它已经看见，抄就行，学不到东西。",
      last: "它是最后一个，后面没有可预测的。",
      masked: (token) => `它被遮住，要从两边猜出「${token}」。`,
      bare: "它没有被遮住，不算损失。",
      self: (token) => `它没有看见自己，可以预测「${token}」。`,
      leaks: "信息绕了一圈传回来：它间接看见了自己，目标泄漏。",
      total: (pairs, size, targets) => `共 ${pairs} 对可见（总共 ${size * size} 对），${targets} 个位置有目标。`,
      cache: (kept, cached, fresh, pairs) => `缓存了前 ${cached} 个：其中 ${kept} 行不变，${pairs} 对里要新算 ${fresh} 对。`,
      describe: (kind, rows) => `方阵，掩码是${kind}。${rows.map(([token, seen]) => `${token} 看见 ${seen.join("、") || "无"}`).join("；")}。`,
    },
    en: {
      title: "masks: who sees whom, who can learn",
      sentence: "the cat sat on the mat and slept",
      text: "Sentence (a token a word, or a Chinese character; 12 at most)",
      kind: "Mask",
      kinds: { causal: "causal", prefix: "prefix", full: "bidirectional", window: "sliding window", turns: "by turn, inputs bidirectional", hollow: "all but itself" },
      prefix: "Prefix length *p*",
      window: "Window *w*",
      input: "Input of a turn",
      reply: "Reply of a turn",
      layers: "Layers",
      cached: "Cached",
      off: "none",
      row: "Look at row",
      hidden: "Places that are [MASK]",
      keys: "is seen →",
      queries: "looks ↓",
      predicts: (count, target) => (target === null ? `sees ${count}` : `sees ${count}, learns ${target}`),
      short: (target) => (target === null ? "" : `→ ${target}`),
      row_tells: (i, token, seen, far) => `Row ${i}, “${token}”, sees ${seen.length} directly${far ? `, and ${far} more ${far > 1 ? "reach" : "reaches"} it through the layers` : ""}. `,
      next: (token) => `It does not see “${token}” and can learn to predict it. `,
      copies: "It sees its next token already and could copy it: nothing to learn. ",
      last: "It is the last one, with nothing to predict. ",
      masked: (token) => `It is hidden, and “${token}” is to be guessed from both sides. `,
      bare: "It is not hidden and has no loss. ",
      self: (token) => `It does not see itself and can predict “${token}”. `,
      leaks: "What it is comes back to it through the others: the target leaks. ",
      total: (pairs, size, targets) => `In all ${pairs} of ${size * size} pairs are visible, and ${targets} positions have a target.`,
      cache: (kept, cached, fresh, pairs) => `The first ${cached} are cached: ${kept} of these rows stay, and of ${pairs} pairs ${fresh} are computed anew.`,
      describe: (kind, rows) => `A square, the mask is ${kind}. ${rows.map(([token, seen]) => `${token} sees ${seen.join(", ") || "nothing"}`).join("; ")}.`,
    },
  };

  /* Controls --------------------------------------------------------------------------------------------------- */

  const sizeOf = ({ text }) => Math.max(1, tokens(text).length);
  const upTo = Array.from({ length: MOST }, (_, i) => [String(i), String(i + 1)]);

  const controls = (say) => [
    { name: "text", kind: "text", wide: true, label: say.text, value: say.sentence, longest: 120 },
    { name: "kind", kind: "select", label: say.kind, value: "causal", options: Object.entries(say.kinds) },
    { name: "prefix", kind: "range", label: say.prefix, value: 4, min: 1, max: MOST, shown: ({ kind }) => kind === "prefix" },
    { name: "window", kind: "range", label: say.window, value: 3, min: 1, max: MOST, shown: ({ kind }) => kind === "window" },
    { name: "input", kind: "range", label: say.input, value: 3, min: 1, max: 6, shown: ({ kind }) => kind === "turns" },
    { name: "reply", kind: "range", label: say.reply, value: 2, min: 0, max: 6, shown: ({ kind }) => kind === "turns" },
    { name: "row", kind: "range", label: say.row, value: 4, min: 1, max: MOST },
    { name: "layers", kind: "range", label: say.layers, value: 1, min: 1, max: 8 },
    { name: "cached", kind: "range", label: say.cached, value: 0, min: 0, max: MOST, format: (one) => (one ? String(one) : say.off) },
    { name: "hidden", kind: "set", wide: true, label: say.hidden, value: [], options: upTo, offered: (state, value) => Number(value) < sizeOf(state), shown: ({ kind }) => kind === "full" },
  ];

  /** What is hidden is hidden in this sentence; no row and no cache beyond its end. */
  function settle(state, name) {
    const size = sizeOf(state);
    if (name === "row") return { row: Math.min(state.row, size) };
    if (name === "cached") return { cached: Math.min(state.cached, size) };
    if (name === "text") return { row: Math.min(state.row, size), cached: Math.min(state.cached, size), hidden: state.hidden.filter((one) => Number(one) < size) };
    return {};
  }

  function compute({ text, kind, prefix, window, input, reply, layers, cached, hidden }) {
    const found = tokens(text);
    const names = found.length ? found : ["…"];
    const one = mask(kind, names.length, { prefix, window, input, reply });
    const seen = reach(one, layers);
    const places = kind === "full" ? hidden.map(Number).filter((i) => i < names.length) : [];
    return { names, mask: one, seen, places, targets: targets(kind, seen, places), kept: keptRows(one, Math.min(cached, names.length)) };
  }

  /* The picture ------------------------------------------------------------------------------------------------ */

  const BOX = 292;
  const TOP = 56;
  const height = (width) => TOP + Math.min(BOX, width - 150) + 8;
  const cut = (token, most) => ([...token].length > most ? `${[...token].slice(0, most - 1).join("")}…` : token);

  function layout(width, size) {
    const box = Math.min(BOX, width - 150);
    const cell = Math.min(44, box / size);
    return { cell, left: 76, right: 76 + cell * size };
  }

  function draw({ state, result, words: say, width }) {
    const { names, mask: one, seen, places, targets: goals, kept } = result;
    const size = names.length;
    const { cell, left, right } = layout(width, size);
    const shown = names.map((name, i) => (places.includes(i) ? "[M]" : name));
    const row = Math.min(state.row, size) - 1;
    const caching = state.cached > 0;
    const slanted = shown.some((name) => [...name].length > 3);
    const square = (i, j) => {
      const [x, y] = [left + j * cell, TOP + i * cell];
      const inset = 1.2;
      const full = { x: x + inset, y: y + inset, width: cell - 2 * inset, height: cell - 2 * inset };
      if (one[i][j]) {
        const fresh = caching && !kept[i];
        const early = state.kind === "prefix" && i < state.prefix && j < state.prefix;
        return [
          svg("rect", { ...full, class: fresh ? "p2" : "p1", opacity: places.includes(j) ? 0.25 : early || fresh || caching ? 0.85 : 0.55 }),
          fresh ? svg("circle", { cx: x + cell / 2, cy: y + cell / 2, r: Math.max(1.5, cell / 12), class: "hole" }) : null,
        ];
      }
      const side = cell * 0.4;
      return [
        svg("rect", { ...full, class: "gr" }),
        seen[i][j] ? svg("rect", { class: "p1", opacity: 0.55, x: x + (cell - side) / 2, y: y + (cell - side) / 2, width: side, height: side }) : null,
      ];
    };
    return picture(
      width,
      height(width),
      label(0, 13, say.queries),
      label(left, 13, say.keys),
      shown.map((name, j) => {
        const kind = `${seen[row][j] ? "t b" : ""} ${slanted ? "" : "mid"}`;
        const node = label(left + (j + 0.5) * cell, TOP - 8, cut(name, 6), kind);
        if (slanted) node.setAttribute("transform", `rotate(-35 ${left + (j + 0.5) * cell} ${TOP - 8})`);
        return node;
      }),
      names.map((_, i) => names.map((_unused, j) => square(i, j))),
      caching ? [svg("path", { class: "edge", d: `M${left - 4} ${TOP + Math.min(state.cached, size) * cell}H${right + 4}` }), svg("path", { class: "edge", d: `M${left + Math.min(state.cached, size) * cell} ${TOP - 4}V${TOP + size * cell + 4}` })] : null,
      caching ? null : goals.map((goal, i) => (goal < 0 ? null : svg("circle", { class: "p2", cx: left + (goal + 0.5) * cell, cy: TOP + (i + 0.5) * cell, r: cell * 0.2 }))),
      svg("rect", { class: "chosen", x: left - 1, y: TOP + row * cell - 1, width: size * cell + 2, height: cell + 2 }),
      shown.map((name, i) => {
        const y = TOP + (i + 0.5) * cell + 4.5;
        const goal = caching || goals[i] < 0 ? null : cut(names[goals[i]], width < 500 ? 6 : 10);
        const count = one[i].filter(Boolean).length;
        return [label(left - 8, y, cut(name, 8), `end ${i === row ? "t b" : ""}`), label(right + 8, y, width < 500 ? say.short(goal) : say.predicts(count, goal), i === row ? "t" : "")];
      }),
      grip("row", { left: 0, right, top: TOP, bottom: TOP + size * cell }, { y: TOP + (row + 0.5) * cell }),
    );
  }

  function drag({ y }, { result, width }) {
    const { cell } = layout(width, result.names.length);
    return { row: clamp(Math.floor((y - TOP) / cell) + 1, 1, result.names.length) };
  }

  /* The sentence ----------------------------------------------------------------------------------------------- */

  function tell({ state, result, words: say }) {
    const { names, mask: one, seen, places, targets: goals, kept } = result;
    const size = names.length;
    const i = Math.min(state.row, size) - 1;
    const direct = names.filter((_, j) => one[i][j]);
    const far = seen[i].filter((visible, j) => visible && !one[i][j]).length;
    const about = {
      full: () => (places.includes(i) ? say.masked(names[i]) : say.bare),
      hollow: () => (goals[i] < 0 ? say.leaks : say.self(names[i])),
    }[state.kind] ?? (() => (i + 1 === size ? say.last : goals[i] < 0 ? say.copies : say.next(names[i + 1])));
    const all = pairs(one);
    if (state.cached > 0) {
      const stay = kept.filter(Boolean).length;
      const fresh = all - pairs(one.filter((_, at) => kept[at]));
      return say.row_tells(i + 1, names[i], direct, far) + say.cache(stay, Math.min(state.cached, size), fresh, all);
    }
    return say.row_tells(i + 1, names[i], direct, far) + about() + say.total(all, size, goals.filter((goal) => goal >= 0).length);
  }

  const describe = ({ state, result: { names, seen }, words: say }) =>
    say.describe(say.kinds[state.kind], names.map((name, i) => [name, names.filter((_, j) => seen[i][j])]));

  explorables.define("masks", {
    words,
    controls,
    arithmetic: { levels, mask, reach, pairs, honestRows, keptRows, tokens, targets },
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
