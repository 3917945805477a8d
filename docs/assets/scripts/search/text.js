// Text to words, for the search index and for queries. scripts/study_guide/search_text.py does the same for the text
// of the pages; a test holds the two together. A classic script, because modules do not load from file://.
globalThis.guideSearch ??= {};

(() => {
  const MARKS = /[\u0300-\u036f]/g;
  const SUPERSCRIPTS = /[⁰¹²³⁴-⁹]/g;
  const HAN = "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff";
  const LATIN = "A-Za-z0-9\\u0370-\\u03ff";
  // A word of Latin letters, digits and Greek with the marks that hold its pieces together, or a run of Han.
  const RUN = new RegExp(`[${LATIN}]+(?:[-_.'’^]+[${LATIN}]+)*|[${HAN}]+`, "g");
  const IS_HAN = new RegExp(`[${HAN}]`);
  const JOINTS = /(?<!\d)\.|\.(?!\d)|[-_'’^]+/;
  const PIECES = /\d+(?:\.\d+)?|[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u0370-\u03ff]+/g;
  const PLAIN = /^(?:[A-Z]?[a-z]+|[A-Z]+)$/;
  // What may stand between two words of one term.
  // Not \s: JavaScript's and Python's differ in control characters.
  const GAP = /^[\t-\r \u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\-_./(]*$/;

  /** One width, no accents, simplified characters; letter case is kept for `words`. */
  function fold(text, simplified) {
    const raised = text.replace(SUPERSCRIPTS, (one) => `^${one.normalize("NFKD")}`);
    const folded = raised.normalize("NFKD").replace(MARKS, "").normalize("NFC");
    if (!simplified || !simplified.size) return folded;
    return folded.replace(/[\u3400-\u9fff\uf900-\ufaff]/g, (one) => simplified.get(one) ?? one);
  }

  /** The parts of `KVCache`, `past_key_values`, `int8`; one part where splitting would give crumbs (`RoPE`, `W4A16`). */
  function parts(word) {
    // Most words are plain: no joint, no capital inside, no digit.
    if (PLAIN.test(word)) return [word.toLowerCase()];
    const found = [];
    for (const piece of word.split(JOINTS)) {
      if (!piece) continue;
      const crumbs = piece.match(PIECES) ?? [piece];
      const letters = crumbs.filter((one) => !/^\d/.test(one));
      const digits = letters.length < crumbs.length;
      const good = letters.every((one) => one.length > 1) && (digits || letters.some((one) => one.length > 2));
      found.push(...(crumbs.length > 1 && good ? crumbs : [piece]));
    }
    return found.map((one) => one.toLowerCase());
  }

  /** The word without the marks between its pieces: `past_key_values` -> `pastkeyvalues`. */
  const whole = (word) => word.split(JOINTS).join("").toLowerCase();

  /**
   * The runs of a folded text: {text, start, end, han} and for a Latin word also {whole, parts}.
   */
  function runs(text) {
    const found = [];
    RUN.lastIndex = 0;
    for (let match = RUN.exec(text); match; match = RUN.exec(text)) {
      const run = match[0];
      const start = match.index;
      const end = start + run.length;
      if (IS_HAN.test(run)) found.push({ text: run, start, end, han: true });
      else found.push({ text: run, start, end, han: false, whole: whole(run), parts: parts(run) });
    }
    return found;
  }

  const bigrams = (run) =>
    run.length < 2 ? [run] : Array.from({ length: run.length - 1 }, (_, at) => run.slice(at, at + 2));

  /** All index words of a run: a Latin word whole, by its pieces and by their parts; Han by twos. */
  function words(run) {
    if (run.han) return bigrams(run.text);
    if (run.parts.length === 1 && run.parts[0] === run.whole) return run.parts;
    const pieces = run.text.split(JOINTS).filter(Boolean).map((one) => one.toLowerCase());
    return [...new Set([run.whole, ...pieces, ...run.parts])];
  }

  /** `models` -> `model`: enough of English grammar to find a term in the plural. */
  const singular = (word) => (word.length > 3 && /[a-z]s$/.test(word) && !/(?:ss|us|is)$/.test(word) ? word.slice(0, -1) : word);

  /**
   * The smallest things that terms are made of: parts of Latin words and single Han characters, each with its place;
   * null where a term cannot go on.
   */
  function elements(text, found = runs(text)) {
    const list = [];
    let end = 0;
    for (const run of found) {
      if (list.length && !GAP.test(text.slice(end, run.start))) list.push(null);
      if (run.han) {
        for (let at = 0; at < run.text.length; at++) {
          list.push({ key: run.text[at], start: run.start + at, end: run.start + at + 1, run });
        }
      } else {
        for (const part of run.parts) list.push({ key: singular(part), start: run.start, end: run.end, run });
      }
      end = run.end;
    }
    return list;
  }

  /**
   * A table of terms: key -> numbers of the terms that bear the name. `keys` has the keys of each term. What only begins
   * a key stands in it with an empty list.
   */
  function termTable(keys) {
    const table = new Map();
    keys.forEach((list, number) => {
      for (const key of list) {
        for (let at = key.indexOf(" "); at > 0; at = key.indexOf(" ", at + 1)) {
          const start = key.slice(0, at);
          if (!table.has(start)) table.set(start, []);
        }
        const known = table.get(key);
        if (known) known.push(number);
        else table.set(key, [number]);
      }
    });
    return table;
  }

  /**
   * The terms in a list of elements: {first, last, terms}; the longest from each place on, and with `nested` the
   * shorter ones inside it too.
   */
  function findTerms(list, table, nested) {
    const found = [];
    for (let first = 0; first < list.length; first++) {
      let key = "";
      let best = null;
      for (let last = first; last < list.length && list[last]; last++) {
        key = key ? `${key} ${list[last].key}` : list[last].key;
        const terms = table.get(key);
        if (!terms) break;
        if (!terms.length) continue;
        best = { first, last, terms };
        if (nested) found.push(best);
      }
      if (best && !nested) {
        found.push(best);
        first = best.last;
      }
    }
    return found;
  }

  /** Whether `a` becomes `b` by at most one insertion, deletion (not of its first letter), substitution or swap of neighbours. */
  function oneTypo(a, b) {
    if (Math.abs(a.length - b.length) > 1) return false;
    let head = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head++;
    let tail = 0;
    while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
    const left = a.length - head - tail;
    const right = b.length - head - tail;
    // Nobody types a letter too many before a word: `estate` is not `state`.
    if (head === 0 && left > right) return false;
    if (left <= 1 && right <= 1) return true;
    return left === 2 && right === 2 && a[head] === b[head + 1] && a[head + 1] === b[head];
  }

  Object.assign(guideSearch, { fold, runs, words, bigrams, elements, termTable, findTerms, oneTypo, singular });
})();
