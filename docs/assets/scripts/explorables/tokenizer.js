// Tokenizer: BPE and WordPiece trained on the reader's own text, merge by merge.
//
// A token is a string of bytes (a character a byte) or of characters, in which "##" marks what continues a word.
(() => {
  "use strict";

  /* Words ----------------------------------------------------------------------------------------------------- */

  const PIECE = /([\p{L}\p{M}]+|\p{N}+|[^\s\p{L}\p{M}\p{N}×*]+)(?:[×*](\d{1,5})(?!\d))?/gu;

  /** Runs of letters, of digits and of other signs, which merges never cross. */
  const pieces = (text) => Array.from(text.matchAll(PIECE), (found) => found[1]);

  /** The words of a text in order of appearance, each with its count; "hug×10" counts ten times. */
  function corpusOf(text) {
    const corpus = new Map();
    for (const [, word, times] of text.matchAll(PIECE)) corpus.set(word, (corpus.get(word) ?? 0) + Number(times ?? 1));
    return corpus;
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
    for (const [word, times] of corpus) {
      const parts = split.get(word);
      total += times * parts.length;
      parts.forEach((token, i) => {
        tokens.set(token, (tokens.get(token) ?? 0) + times);
        if (i === 0) return;
        const key = `${parts[i - 1]}\0${token}`;
        const pair = pairs.get(key) ?? { pair: [parts[i - 1], token], n: 0 };
        pair.n += times;
        pairs.set(key, pair);
      });
    }
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
   * Every state of a training of at most `merges` merges: the split of each word, its counts, the log-likelihood,
   * and the pairs with their score, best first and equal ones in order of appearance. State i is after i merges;
   * its `taken` is what the next state merges.
   */
  function train(corpus, unit, criterion, merges) {
    const { split: cut, join } = units[unit];
    const score = criteria[criterion];
    let split = new Map(Array.from(corpus.keys(), (word) => [word, cut(word)]));
    const states = [];
    for (;;) {
      const counts = count(corpus, split);
      const apply = (pair) => new Map(Array.from(split, ([word, parts]) => [word, merged(parts, pair, join)]));
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

  /** All tokens there are after these merges; null stands for all 256 bytes, which are known in any case. */
  function vocabularyOf(corpus, unit, merges) {
    const known = new Set(Array.from(corpus.keys()).flatMap(units[unit].split));
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

  globalThis.tokenizer = { pieces, corpusOf, units, train, vocabularyOf, replay, longestMatch };
})();
