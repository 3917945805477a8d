// Tokenizer: BPE and WordPiece trained on the reader's own text, merge by merge.
//
// The numbers are those of llm-tokenization/example.py (bytes) and wordpiece-vs-bpe/example.py (characters). A token is a string of bytes (a character a byte) or of characters, in which "##" marks what continues a word.
(() => {
  "use strict";

  const { svg, number, short, picture, label } = explorables;

  /* Words ----------------------------------------------------------------------------------------------------- */

  const PIECE = /([\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}×*]+)(?:[×*](\d{1,5})(?!\d))?/gu;

  /** Runs of letters, of digits and of other signs, which merges never cross. */
  const pieces = (text) => Array.from(text.matchAll(PIECE), (found) => found[1]);

  /** The words of a text in order of appearance, [word, count] each; "hug×10" counts ten times. */
  function corpusOf(text) {
    const counts = new Map();
    for (const [, word, times] of text.matchAll(PIECE)) counts.set(word, (counts.get(word) ?? 0) + Number(times ?? 1));
    return [...counts].filter(([, times]) => times > 0);
  }

  const bytesOf = (word) =>
    Array.from(encodeURIComponent(word).matchAll(/%(..)|(.)/g), ([, hex, plain]) => (hex ? String.fromCharCode(parseInt(hex, 16)) : plain));
  const charactersOf = (word) => Array.from(word, (letter, i) => (i ? `##${letter}` : letter));

  /** Bytes or characters: how a word is taken apart, how two tokens join, how a token is shown. */
  const units = {
    bytes: {
      split: bytesOf,
      join: (a, b) => a + b,
      /** Whole characters as such, other bytes in hexadecimal. */
      show(token) {
        const hex = Array.from(token, (byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
        try {
          return { text: decodeURIComponent(hex.map((byte) => `%${byte}`).join("")), whole: true };
        } catch {
          return { text: hex.join("").toUpperCase(), whole: false };
        }
      },
    },
    characters: {
      split: charactersOf,
      join: (a, b) => a + b.slice(2),
      show: (token) => ({ text: token, whole: true }),
    },
  };

  /* Training -------------------------------------------------------------------------------------------------- */

  function merged(parts, [a, b], join) {
    const out = [];
    for (const part of parts) {
      if (out.length && out.at(-1) === a && part === b) out[out.length - 1] = join(a, b);
      else out.push(part);
    }
    return out;
  }

  /** How often each token and each pair of neighbours occurs, in order of first appearance. */
  function count(corpus, split) {
    const tokens = new Map();
    const pairs = new Map();
    let total = 0;
    corpus.forEach(([, times], at) => {
      const parts = split[at];
      total += times * parts.length;
      parts.forEach((token, i) => {
        tokens.set(token, (tokens.get(token) ?? 0) + times);
        if (i === 0) return;
        const key = `${parts[i - 1]}\0${token}`;
        const pair = pairs.get(key) ?? { pair: [parts[i - 1], token], n: 0 };
        pair.n += times;
        pairs.set(key, pair);
      });
    });
    return { tokens, pairs: [...pairs.values()], total };
  }

  const xlogx = (x) => (x > 0 ? x * Math.log(x) : 0);

  /** Of the corpus in nats, each token drawn with its relative frequency. */
  function logLikelihood({ tokens, total }) {
    let sum = -xlogx(total);
    for (const n of tokens.values()) sum += xlogx(n);
    return sum;
  }

  /** By how much merging a pair raises the log-likelihood. */
  function gain(counts, { pair: [a, b], n }, recount) {
    // Of equal tokens in a row ("aaa") pairs overlap; only counting again tells how many merge.
    if (a === b) return logLikelihood(recount([a, b])) - logLikelihood(counts);
    const { tokens, total } = counts;
    const change = (token) => xlogx(tokens.get(token) - n) - xlogx(tokens.get(token));
    return xlogx(n) + change(a) + change(b) + xlogx(total) - xlogx(total - n);
  }

  const criteria = {
    frequency: (counts, { n }) => n,
    likelihood: gain,
    ratio: ({ tokens }, { pair: [a, b], n }) => n / (tokens.get(a) * tokens.get(b)),
  };

  /**
   * Every state of a training of at most `merges` merges: the parts of each word, their counts, the log-likelihood,
   * and the pairs with their score, best first and equal ones in order of appearance. State i is after i merges;
   * its `taken` is what the next state merges.
   */
  function train(corpus, unit, criterion, merges) {
    const { split: cut, join } = units[unit];
    const score = criteria[criterion];
    let split = corpus.map(([word]) => cut(word));
    const states = [];
    for (;;) {
      const counts = count(corpus, split);
      const apply = (pair) => split.map((parts) => merged(parts, pair, join));
      const recount = (pair) => count(corpus, apply(pair));
      const scored = counts.pairs.map((one) => ({ ...one, score: score(counts, one, recount) }));
      // To nine digits, so that what is equal but for rounding ties.
      const rank = ({ score }) => Math.round(score * 1e9);
      scored.sort((one, other) => rank(other) - rank(one));
      const taken = states.length < merges ? scored[0] : undefined;
      states.push({ split, ...counts, pairs: scored, logLikelihood: logLikelihood(counts), taken });
      if (!taken) return states;
      split = apply(taken.pair);
    }
  }

  /* Encoding -------------------------------------------------------------------------------------------------- */

  const UNKNOWN = "[UNK]";

  /** All tokens of the corpus and its merges; bytes are known whether they occur or not. */
  function vocabularyOf(corpus, unit, merges) {
    const known = new Set(corpus.flatMap(([word]) => units[unit].split(word)));
    for (const [a, b] of merges) known.add(units[unit].join(a, b));
    return known;
  }
  const knows = (vocabulary, unit, token) => vocabulary.has(token) || (unit === "bytes" && token.length === 1);

  /** BPE: the merges in the order in which they were learned; a character never seen is lost. */
  function replay(word, unit, merges, vocabulary) {
    const parts = merges.reduce((done, pair) => merged(done, pair, units[unit].join), units[unit].split(word));
    return parts.map((part) => (knows(vocabulary, unit, part) ? part : UNKNOWN));
  }

  /** WordPiece: from the left the longest token that is known; where there is none, the word is lost. */
  function longestMatch(word, unit, vocabulary) {
    const { split, join } = units[unit];
    const letters = split(word);
    const parts = [];
    for (let start = 0; start < letters.length; ) {
      let end = letters.length;
      let token;
      for (; end > start; end--) {
        token = letters.slice(start, end).reduce(join);
        if (knows(vocabulary, unit, token)) break;
      }
      if (end === start) return [UNKNOWN];
      parts.push(token);
      start = end;
    }
    return parts;
  }

  /* Words and controls ------------------------------------------------------------------------------------------ */

  const samples = {
    bytes: { text: "语言×4 词语×3 说话×2", unit: "bytes", criterion: "frequency", word: "语文 诗" },
    course: { text: "hug×10 pug×5 pun×12 bun×4 hugs×5", unit: "characters", criterion: "likelihood", word: "hugs bug" },
    there: { text: "the×6 her×4 over×5", unit: "characters", criterion: "frequency", word: "there them" },
    chinese: {
      text: "研究生命的起源，先研究生物。研究生研究生命科学，研究所培养研究生。",
      unit: "characters",
      criterion: "frequency",
      word: "研究生命",
    },
    english: {
      text: "the lower the layer the lower the loss; a newer layer lowers the newest loss, and the slowest layer slows the lowest",
      unit: "characters",
      criterion: "frequency",
      word: "slower",
    },
  };
  const MOST = 40;
  const LONGEST = 1000;

  const words = {
    zh: {
      title: "训练一个分词器",
      sample: "语料",
      samples: { bytes: "三个中文词", course: "hug、pug、pun……", there: "the、her、over", chinese: "一段中文", english: "一段英文", own: "自己的" },
      text: "文本；词后写 ×3 表示出现 3 次",
      unit: "从什么开始",
      units: { bytes: "字节", characters: "字符（##）" },
      criterion: "合并哪一对",
      criteria: { frequency: "频次（BPE）", likelihood: "似然（WordPiece）", ratio: "比值（教程）" },
      merges: "合并次数",
      word: "拿来编码的词",
      next: "再合并一次",
      corpus: "语料",
      more: (n) => `……另有 ${n} 个词`,
      learned: "学到的合并",
      none: "还没有",
      candidates: { frequency: "下一次合并：各对的频次", likelihood: "下一次合并：似然增益（nat）", ratio: "下一次合并：比值 *n*/(*c*_{a}*c*_{b})" },
      times: (n) => `${n} 次`,
      done: "没有可以合并的对了",
      replay: "重放合并",
      longest: "最长匹配",
      tell({ merges, tokens, before, vocabulary, likelihood, next, word, replay, longest }) {
        const then = next ? `接下来合并 ${next}。` : "没有可以合并的对了。";
        const same = replay === longest ? `重放与最长匹配都得 ${replay}` : `重放得 ${replay}，最长匹配得 ${longest}`;
        const now = merges ? `合并 ${merges} 次之后，语料由 ${before} 个 token 变成 ${tokens} 个` : `合并之前，语料有 ${tokens} 个 token`;
        const encoded = word ? `${word}：${same}。` : "";
        return `${now}，词表 ${vocabulary} 项，对数似然 ${likelihood}。${then}${encoded}`;
      },
      describe: ({ corpus, learned, candidates, replay, longest }) => `语料里各词切成的 token：${corpus}。学到的合并：${learned || "还没有"}。下一次合并的候选：${candidates || "没有"}。编码：重放得 ${replay}，最长匹配得 ${longest}。`,
    },
    en: {
      title: "train a tokenizer",
      sample: "Corpus",
      samples: { bytes: "three Chinese words", course: "hug, pug, pun …", there: "the, her, over", chinese: "some Chinese", english: "some English", own: "your own" },
      text: "Text; ×3 behind a word counts it three times",
      unit: "Start from",
      units: { bytes: "bytes", characters: "characters (##)" },
      criterion: "Which pair to merge",
      criteria: { frequency: "frequency (BPE)", likelihood: "likelihood (WordPiece)", ratio: "ratio (tutorials)" },
      merges: "Merges",
      word: "Words to encode",
      next: "Merge once more",
      corpus: "corpus",
      more: (n) => `… ${n} more word${n === 1 ? "" : "s"}`,
      learned: "merges so far",
      none: "none yet",
      candidates: { frequency: "next merge: frequency of each pair", likelihood: "next merge: gain in likelihood (nats)", ratio: "next merge: ratio *n*/(*c*_{a}*c*_{b})" },
      times: (n) => (n === 1 ? "once" : `${n} times`),
      done: "no pair is left to merge",
      replay: "replay",
      longest: "longest match",
      tell({ merges, tokens, before, vocabulary, likelihood, next, word, replay, longest }) {
        const then = next ? `Next it merges ${next}.` : "No pair is left to merge.";
        const same = replay === longest ? `replay and longest match both give ${replay}` : `replay gives ${replay}, longest match ${longest}`;
        const now = merges ? `After ${merges} ${merges === 1 ? "merge" : "merges"} the corpus has gone from ${before} tokens to ${tokens}` : `Before any merge the corpus has ${tokens} tokens`;
        const encoded = word ? ` ${word}: ${same}.` : "";
        return `${now}, the vocabulary has ${vocabulary} entries, the log-likelihood is ${likelihood}. ${then}${encoded}`;
      },
      describe: ({ corpus, learned, candidates, replay, longest }) => `Tokens of each word of the corpus: ${corpus}. Merges so far: ${learned || "none"}. Candidates for the next: ${candidates || "none"}. Encoding: replay gives ${replay}, longest match ${longest}.`,
    },
  };

  const options = (names) => Object.entries(names);
  const controls = (say) => [
    { name: "text", kind: "text", label: say.text, value: samples.course.text, rows: 2, longest: LONGEST, wide: true },
    { name: "sample", kind: "select", label: say.sample, value: "course", options: options(say.samples) },
    { name: "unit", kind: "select", label: say.unit, value: samples.course.unit, options: options(say.units) },
    { name: "criterion", kind: "select", label: say.criterion, value: samples.course.criterion, options: options(say.criteria) },
    { name: "word", kind: "text", label: say.word, value: samples.course.word, longest: 60 },
    { name: "merges", kind: "range", label: say.merges, value: 0, min: 0, max: MOST, step: 1 },
  ];

  function settle(state, name) {
    if (name === "sample") return samples[state.sample] ?? {};
    if (name !== "text") return {};
    const known = Object.keys(samples).find((one) => samples[one].text === state.text);
    // A sample that the reader edits becomes his own; its other settings stay.
    return { sample: known ?? "own" };
  }

  /** A lone half of a surrogate pair has no bytes. */
  const whole = (text) => text.replace(/\p{Surrogate}/gu, "");

  function compute({ text, unit, criterion, merges, word }) {
    const corpus = corpusOf(whole(text));
    const states = train(corpus, unit, criterion, merges + 1);
    const at = Math.min(merges, states.length - 1);
    const learned = states.slice(0, at).map(({ taken }) => taken);
    const pairs = learned.map(({ pair }) => pair);
    const vocabulary = vocabularyOf(corpus, unit, pairs);
    const encode = (how) => pieces(whole(word)).flatMap(how);
    return {
      corpus,
      state: states[at],
      before: states[0].total,
      merges: at,
      learned,
      next: states[at].taken,
      size: unit === "bytes" ? 256 + new Set(pairs.map(([a, b]) => a + b)).size : vocabulary.size,
      replay: encode((one) => replay(one, unit, pairs, vocabulary)),
      longest: encode((one) => longestMatch(one, unit, vocabulary)),
    };
  }

  /* The picture ------------------------------------------------------------------------------------------------- */

  let context;
  /** The width of text as the picture sets it. */
  function widthOf(text) {
    if (!context) {
      context = document.createElement("canvas").getContext("2d");
      context.font = `13px ${getComputedStyle(document.documentElement).getPropertyValue("--f-ui")}`;
    }
    return context.measureText(text).width;
  }

  /** What is written for a token: of a long one its ends. */
  function display(token, unit) {
    const { text, whole } = token === UNKNOWN ? { text: UNKNOWN, whole: false } : units[unit].show(token);
    const letters = [...text];
    return { text: letters.length > 18 ? `${letters.slice(0, 10).join("")}…${letters.slice(-6).join("")}` : text, whole };
  }
  const named = (token, unit) => display(token, unit).text;
  const LINE = 27;
  const BLOCK = 20;

  /** Blocks side by side: { width, nodes(x, y) }. */
  function blocks(tokens, unit) {
    const shown = tokens.map((token) => ({ token, ...display(token, unit) })).map((one) => ({ ...one, width: Math.max(14, widthOf(one.text) + 8) }));
    return {
      width: shown.reduce((sum, one) => sum + one.width + 2, 0),
      nodes: (x, y) =>
        shown.map(({ token, text, whole: intact, width }) => {
          const at = x;
          x += width + 2;
          const kind = token === UNKNOWN ? { class: "node z" } : { class: intact ? "p1" : "p2", opacity: 0.36 };
          return [svg("rect", { x: at, y, width, height: BLOCK, ...kind }), label(at + width / 2, y + 14.5, text, "t mid")];
        }),
    };
  }

  /** Things of some width, each with a gap behind it, laid out in at most `rows` lines; in the last, `tail` stays free. */
  function flow(things, { width, rows, tail = 0 }) {
    const placed = [];
    let [x, row] = [0, 0];
    for (const [i, thing] of things.entries()) {
      const room = width - (row === rows - 1 && i < things.length - 1 ? tail : 0);
      if (x > 0 && x + thing.width > room) {
        if (row === rows - 1) break;
        [x, row] = [0, row + 1];
      }
      placed.push({ thing, x, row });
      x += thing.width + thing.gap;
    }
    return { placed, x, row };
  }

  // From top to bottom: the words, the merges so far, the candidates, the encodings.
  const rowsOf = (width) => (width > 520 ? { corpus: 3, learned: 2 } : { corpus: 5, learned: 3 });
  const BARS = { count: 6, row: 22 };
  function layout(width) {
    const { corpus, learned } = rowsOf(width);
    const tops = { corpus: 0 };
    tops.learned = tops.corpus + 22 + corpus * LINE + 10;
    tops.candidates = tops.learned + 22 + learned * LINE + 10;
    tops.encode = tops.candidates + 22 + BARS.count * BARS.row + 12;
    return { tops, end: tops.encode + 2 * (LINE + (width > 520 ? 0 : 18)) };
  }
  const height = (width) => layout(width).end;

  const value = (criterion, score) => {
    if (criterion === "frequency") return short(score, 4);
    if (criterion === "likelihood") return number(score, 2);
    return score === 0 ? "0" : `1/${short(1 / score, 4)}`;
  };

  function drawCorpus({ state: { unit }, result: { corpus, state }, words: say, width }) {
    const { tops } = layout(width);
    // A word may go on in the next line, between two tokens.
    const things = corpus.flatMap(([, times], i) => {
      const parts = state.split[i];
      return parts.map((token, k) => {
        const drawn = blocks([token], unit);
        if (k < parts.length - 1) return { width: drawn.width, gap: 0, nodes: drawn.nodes };
        const text = `× ${times}`;
        return { width: drawn.width + widthOf(text) + 4, gap: 14, end: true, nodes: (x, y) => [drawn.nodes(x, y), label(x + drawn.width + 4, y + 14.5, text)] };
      });
    });
    const { placed, x, row } = flow(things, { width, rows: rowsOf(width).corpus, tail: 130 });
    const rest = corpus.length - placed.filter(({ thing }) => thing.end).length;
    const top = tops.corpus + 22;
    return [
      label(0, tops.corpus + 13, say.corpus),
      placed.map(({ thing, x: left, row: at }) => thing.nodes(left, top + at * LINE)),
      rest ? label(x + 4, top + row * LINE + 14.5, say.more(rest)) : null,
    ];
  }

  function drawLearned({ state: { unit }, result: { learned }, words: say, width }) {
    const top = layout(width).tops.learned;
    if (!learned.length) return [label(0, top + 13, say.learned), label(0, top + 36.5, say.none, "t")];
    const rows = rowsOf(width).learned;
    const things = learned.map(({ pair: [a, b] }, i) => {
      const drawn = blocks([units[unit].join(a, b)], unit);
      const text = String(i + 1);
      const lead = widthOf(text) + 5;
      return { width: lead + drawn.width, gap: 10, nodes: (x, y) => [label(x, y + 14.5, text), drawn.nodes(x + lead, y)] };
    });
    // The latest are the ones to see.
    let first = 0;
    const laid = () => flow(things.slice(first), { width: width - (first ? 20 : 0), rows }).placed;
    while (laid().length < things.length - first) first += 1;
    const indent = first ? 20 : 0;
    return [
      label(0, top + 13, say.learned),
      first ? label(0, top + 36.5, "…") : null,
      laid().map(({ thing, x, row }) => thing.nodes(x + indent, top + 22 + row * LINE)),
    ];
  }

  function drawCandidates({ state: { unit, criterion }, result: { state }, words: say, width }) {
    const top = layout(width).tops.candidates;
    const best = state.pairs.slice(0, BARS.count);
    if (!best.length) return [label(0, top + 13, say.candidates[criterion]), label(0, top + 36, say.done, "t")];
    const drawn = best.map(({ pair }) => pair.map((token) => blocks([token], unit)));
    const left = Math.min(width * 0.55, Math.max(...drawn.map(([a, b]) => a.width + b.width)) + 10);
    const values = best.map(({ score, n }) => (criterion === "frequency" ? say.times(n) : `${value(criterion, score)} (${say.times(n)})`));
    const room = width - left - 1.12 * Math.max(...values.map(widthOf)) - 10; // the first is bold
    const most = Math.max(...best.map(({ score }) => Math.abs(score)));
    return [
      label(0, top + 13, say.candidates[criterion]),
      best.map(({ score }, i) => {
        const y = top + 22 + i * BARS.row;
        const long = Math.max(1, (Math.max(0, score) / most) * room);
        const [a, b] = drawn[i];
        const shown = svg("svg", { x: 0, y: y - 1, width: left - 6, height: BLOCK + 2, class: "inside" }, a.nodes(0, 1), b.nodes(a.width, 1));
        return [shown, svg("rect", { class: i ? "p1" : "p2", x: left, y: y + 3, width: long, height: 14 }), label(left + long + 6, y + 14.5, values[i], i ? "" : "t b")];
      }),
      svg("path", { class: "ax", d: `M${left} ${top + 20}V${top + 20 + BARS.count * BARS.row}` }),
    ];
  }

  function drawEncodings({ state: { unit }, result: { replay: replayed, longest }, words: say, width }) {
    const top = layout(width).tops.encode;
    const roomy = width > 520;
    const lead = roomy ? Math.max(widthOf(say.replay), widthOf(say.longest)) + 14 : 0;
    return [
      [say.replay, replayed],
      [say.longest, longest],
    ].map(([name, tokens], i) => {
      const y = top + i * (LINE + (roomy ? 0 : 18));
      const row = svg("svg", { x: lead, y: y + (roomy ? 0 : 18), width: width - lead, height: BLOCK + 1, class: "inside" }, blocks(tokens, unit).nodes(0, 0));
      return [label(0, y + 14.5 - (roomy ? 0 : 2), name), row];
    });
  }

  const draw = (given) => picture(given.width, height(given.width), drawCorpus(given), drawLearned(given), drawCandidates(given), drawEncodings(given));

  /** Tokens as text, of many the first. */
  function listed(tokens, unit) {
    const text = tokens.slice(0, 12).map((token) => named(token, unit));
    if (tokens.length > 12) text.push(`… (${tokens.length})`);
    return text.join(" ") || "–";
  }
  const pairText = ({ pair }, unit) => pair.map((token) => named(token, unit)).join(" + ");

  function tell({ state: { unit, word }, result, words: say }) {
    const { state, merges, before, size, next, replay: replayed, longest } = result;
    return say.tell({
      merges,
      tokens: number(state.total),
      before: number(before),
      vocabulary: number(size),
      likelihood: number(state.logLikelihood, 1),
      next: next && pairText(next, unit),
      word: pieces(whole(word)).join(" "),
      replay: listed(replayed, unit),
      longest: listed(longest, unit),
    });
  }

  function describe({ state: { unit, criterion }, result, words: say }) {
    const { state, learned, replay: replayed, longest } = result;
    return say.describe({
      corpus: state.split.slice(0, 30).map((parts) => listed(parts, unit)).join("; "),
      learned: learned.map((one) => pairText(one, unit)).join(", "),
      candidates: state.pairs.slice(0, BARS.count).map((one) => `${pairText(one, unit)} ${value(criterion, one.score)}`).join(", "),
      replay: listed(replayed, unit),
      longest: listed(longest, unit),
    });
  }

  explorables.define("tokenizer", {
    words,
    controls,
    arithmetic: { corpusOf, train, compute },
    settle,
    compute,
    height,
    draw,
    tell,
    describe,
    lines: { zh: [3, 5], en: [3, 6] },
    actions: (say) => [{ name: "next", label: say.next, act: ({ merges }) => ({ merges: Math.min(MOST, merges + 1) }) }],
  });
})();
