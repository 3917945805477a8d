// What a result shows of a text: the matched words marked, and the passage that has most of them.
globalThis.guideSearch ??= {};

(() => {
  const { fold, runs, words, elements, findTerms } = guideSearch;

  // Folding leaves the number of these as it is.
  const ONE_TO_ONE = /^[\x20-\x7e\u2013-\u201d\u3001-\u3002\u3400-\u9fff\uff01-\uff5e]*$/;
  // Texts that are kept taken apart: those of some dozen questions.
  const MOST_KEPT = 4000;

  /** The text folded as for the index, and for each of its characters the place in the text as it is written; null where
      that is the same. */
  function foldInPlace(text, simplified) {
    if (ONE_TO_ONE.test(text)) return { folded: fold(text, simplified), places: null };
    let folded = "";
    const places = [];
    let at = 0;
    for (const one of text) {
      const piece = one <= "\x7f" ? one : fold(one, simplified);
      for (let count = 0; count < piece.length; count++) places.push(at);
      folded += piece;
      at += one.length;
    }
    places.push(text.length);
    return { folded, places };
  }

  const kept = new Map();

  /** A text taken apart: whoever types is shown the same passages again and again. */
  function takenApart(text, simplified) {
    let found = kept.get(text);
    if (!found) {
      if (kept.size > MOST_KEPT) kept.clear();
      found = foldInPlace(text, simplified);
      found.list = runs(found.folded);
      for (const run of found.list) if (!run.han) run.words = words(run);
      kept.set(text, found);
    }
    return found;
  }

  /** What to mark for a plan: {exact, prefixes, pairs, terms}. */
  function targets(plan) {
    const exact = new Set();
    const prefixes = [];
    const pairs = new Set();
    const terms = new Set();
    for (const unit of plan.units) {
      if (unit.asking) continue;
      for (const number of unit.terms ?? []) terms.add(number);
      for (const variant of unit.variants) {
        // The single words of a term (`chain of thought`) mean nothing by themselves; of a Chinese one, as it was typed
        // (`归一化 位置`), the parts are words.
        const ofTerm = unit.terms?.length && variant.words.length > 1;
        if (ofTerm && variant !== unit.variants[0]) continue;
        for (const [at, word] of variant.words.entries()) {
          if (word[0] === "§") continue;
          if (word.charCodeAt(0) > 0x3000) pairs.add(word);
          else if (ofTerm) continue;
          else if (variant.prefix && at === variant.words.length - 1) word.length > 1 && prefixes.push(word);
          else exact.add(word);
        }
      }
    }
    return { exact, prefixes, pairs, terms };
  }

  /** The ranges [start, end, what is found there] of `text` to mark, in order and apart. */
  function marks(text, wanted, engine) {
    const own = takenApart(text, engine.simplified);
    const ranges = [];
    const place = (at) => (own.places ? own.places[at] : at);
    const add = (start, end, kind) => ranges.push([place(start), place(end), new Set([kind])]);
    for (const run of own.list) {
      if (!run.han) {
        const hit = run.words.find((word) => wanted.exact.has(word)) ?? run.words.find((word) => wanted.prefixes.some((one) => word.startsWith(one)));
        if (hit) add(run.start, run.end, hit);
      } else if (wanted.pairs.size) {
        for (let at = 0; at + 1 < run.text.length; at++) {
          const pair = run.text.slice(at, at + 2);
          if (wanted.pairs.has(pair)) add(run.start + at, run.start + at + 2, pair);
        }
      }
    }
    if (wanted.terms.size) {
      own.elements ??= elements(own.folded, own.list);
      own.terms ??= findTerms(own.elements, engine.terms, true);
      for (const span of own.terms) {
        const term = span.terms.find((one) => wanted.terms.has(one));
        if (term !== undefined) add(own.elements[span.first].start, own.elements[span.last].end, `§${term}`);
      }
    }
    ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const merged = [];
    for (const range of ranges) {
      const last = merged[merged.length - 1];
      // Two marks with only a space between them read as one.
      if (last && range[0] <= last[1] + (/^\s$/.test(text.slice(last[1], range[0])) ? 1 : 0)) {
        last[1] = Math.max(last[1], range[1]);
        range[2].forEach((kind) => last[2].add(kind));
      } else merged.push(range);
    }
    return merged;
  }

  // A passage is about two lines; a Han character takes the room of two letters.
  const ROOM = 150;
  const width = (text) => text.length + (text.match(/[\u3000-\u9fff\uff00-\uffef]/g)?.length ?? 0);

  const kindsOf = (ranges) => new Set(ranges.flatMap((one) => [...one[2]])).size;

  /** Cut `text` so that most of what is marked is seen; the ranges move with it. */
  function clip(text, ranges) {
    if (width(text) <= ROOM) return { text, ranges };
    let first = 0;
    let most = 0;
    for (const [at, [start]] of ranges.entries()) {
      const seen = kindsOf(ranges.slice(at).filter((one) => width(text.slice(start, one[1])) < ROOM * 0.7));
      if (seen > most) [first, most] = [start, seen];
    }
    let start = 0;
    if (width(text.slice(0, first)) > ROOM / 3) {
      start = first;
      while (start > 0 && width(text.slice(start, first)) < ROOM / 4) start--;
      // Begin at a word or after a mark of punctuation, if one is near.
      const near = text.slice(start, first).search(/[，。；：、,.;:\s]/);
      if (near >= 0 && start + near + 1 < first) start += near + 1;
    }
    let end = start;
    for (let room = ROOM; end < text.length && room > 0; end++) room -= width(text[end]);
    if (end < text.length && /\w/.test(text[end])) {
      const back = text.slice(start, end).search(/[^\w]\w*$/);
      if (back > 20) end = start + back;
    }
    const before = start > 0 ? "…" : "";
    const body = text.slice(start, end).trimStart();
    const shift = start + (end - start - body.length) - before.length;
    return {
      text: before + body.trimEnd() + (end < text.length ? "…" : ""),
      ranges: ranges.filter((one) => one[1] > start && one[0] < end).map((one) => [Math.max(before.length, one[0] - shift), Math.min(one[1], end) - shift, one[2]]),
    };
  }

  /** The passage of a section that has most of what is asked for: {text, ranges}; the first one where none has any. */
  function passage(chunks, wanted, engine) {
    let best = null;
    for (const text of chunks) {
      const ranges = marks(text, wanted, engine);
      // What is cut off only takes away.
      if (best && kindsOf(ranges) <= best.kinds) continue;
      const found = clip(text, ranges);
      const kinds = kindsOf(found.ranges);
      if (!best || kinds > best.kinds) best = { ...found, kinds };
    }
    return best ?? { text: "", ranges: [], kinds: 0 };
  }

  Object.assign(guideSearch, { targets, marks, passage });
})();
