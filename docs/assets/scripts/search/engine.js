// The ranking: a query against the questions of one language. Titles and aliases are held by MiniSearch; the words of the
// pages' sections come in shards, asked for by their number and used once they are there.
globalThis.guideSearch ??= {};

(() => {
  const { fold, runs, words, bigrams, elements, termTable, findTerms, oneTypo, singular } = guideSearch;

  const BOOST = { title: 4, other: 2.5, aliases: 2.5 };
  // A query is cut here: what is longer was not typed as a query.
  const LONGEST_QUERY = 160;
  const MOST_UNITS = 24;
  // The share of a query's content that a question must cover to be shown: by title and text, by its text alone, and where
  // its title has a term that can only be meant as one.
  const ENOUGH = 0.6;
  const ENOUGH_TEXT = 0.6;
  const ENOUGH_FIRM = 0.15;
  // What covers less than this part of what the best one covers is not shown.
  const BESIDE_BEST = 0.5;
  // How much a unit counts as covered where only the page's text has it: in a heading or short answer, elsewhere.
  const IN_HEADING = 0.8;
  const IN_TEXT = 0.6;
  // The weight of the text beside that of title and aliases.
  const TEXT_SCORE = 6;
  // The weight of asking words (`difference`, `formula`): enough to choose between questions on the same thing.
  const ASKING = 0.35;
  // For the question of which the query is the title, or an alias.
  const SAME_TITLE = 2;
  const SAME_ALIAS = 1.25;

  const COMMON = 0.2;
  const EXACT = { factor: 1 };
  const PREFIX = 0.7;
  const STEM = 0.5;
  const TYPO = 0.6;
  const INSIDE = 0.5;
  const ENDINGS = /(?:izations?|isations?|ations?|ments?|ness|ings?|ers?|ors?|ions?|ities|ity|ies|ed|es|e|s|y)$/;

  // The word for a term; and for one that is only a part of the name of another (`位置编码` in `旋转位置编码`).
  const tag = (number) => `§${number}`;
  const insideTag = (number) => `§${number}~`;

  /** FNV-1a over what all words of a shard have in common; the build computes the same. */
  function shardOf(word, count) {
    const key = word[0] === "§" || word.charCodeAt(0) > 0x3000 ? word : word.slice(0, 3);
    let hash = 0x811c9dc5;
    for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193) >>> 0;
    return hash % count;
  }

  /** Other ways to write an English word: plural, British and American endings. */
  function spellings(word) {
    const found = new Set();
    const add = (one) => one !== word && one.length > 2 && found.add(one);
    add(singular(word));
    if (word.length > 3) add(`${word}s`);
    add(word.replace(/is(ation|e|ed|ing|er)(s?)$/, "iz$1$2"));
    add(word.replace(/iz(ation|e|ed|ing|er)(s?)$/, "is$1$2"));
    add(word.replace(/lling$/, "ling"));
    add(word.replace(/([^l])ling$/, "$1lling"));
    add(word.replace(/our$/, "or"));
    return [...found];
  }

  function stem(word) {
    const short = word.replace(ENDINGS, "");
    return short.length >= 4 && short.length < word.length ? short : "";
  }

  function create(data, MiniSearch) {
    const simplified = new Map();
    const pairs = [...(data.traditional ?? "")];
    for (let at = 0; at < pairs.length; at += 2) simplified.set(pairs[at], pairs[at + 1]);

    const terms = termTable(data.terms);
    const stops = termTable([data.stop]);
    const count = data.questions.length;
    const ordinary = new Set(data.ordinary);
    const common = new Set(data.common);

    // Sections are numbered through all questions; owner[section] is the question they belong to.
    const owner = [];
    const firstSection = [];
    data.questions.forEach((question, number) => {
      firstSection.push(owner.length);
      for (let at = 0; at < question.sections; at++) owner.push(number);
    });

    const vocabulary = new Map();
    const names = new Map();
    const nameOf = (list) => list.filter(Boolean).map((one) => one.key).join(" ");

    /** The index words of a title or alias, with the terms in it and pairs of words also written as one; and its name. */
    function taken(text) {
      const folded = fold(text, simplified);
      const list = runs(folded);
      const found = list.flatMap(words);
      for (let at = 1; at < list.length; at++) {
        const [one, two] = [list[at - 1], list[at]];
        if (!one.han && !two.han && two.start - one.end === 1 && folded[one.end] === " ") found.push(one.whole + two.whole);
      }
      const own = elements(folded, list);
      const longest = new Set();
      for (const span of findTerms(own, terms, false)) for (const number of span.terms) longest.add(number);
      for (const span of findTerms(own, terms, true)) {
        for (const number of span.terms) found.push(longest.has(number) ? tag(number) : insideTag(number));
      }
      return { found, name: nameOf(own) };
    }

    // Collected word by word and handed to MiniSearch as a stored index: adding question by question takes three times as
    // long, which shows at 2,000 questions.
    const fields = Object.keys(BOOST);
    const rows = new Map();
    const lengths = {};
    const totals = fields.map(() => 0);
    const cache = new Map();
    data.questions.forEach((question, id) => {
      const seen = new Set();
      lengths[id] = fields.map(() => 0);
      const texts = [[question.title], [question.other], question.aliases];
      texts.forEach((list, field) => {
        const own = new Set();
        for (const text of list) {
          if (!cache.has(text)) cache.set(text, taken(text));
          const { found, name } = cache.get(text);
          if (!names.has(name)) names.set(name, new Map());
          const bonus = fields[field] === "aliases" ? SAME_ALIAS : SAME_TITLE;
          names.get(name).set(id, Math.max(bonus, names.get(name).get(id) ?? 1));
          for (const word of found) {
            let row = rows.get(word);
            if (!row) rows.set(word, (row = {}));
            const column = (row[field] ??= {});
            // A name that many aliases repeat says no more than once.
            column[id] = 1;
            own.add(word);
            seen.add(word);
          }
        }
        lengths[id][field] = own.size;
        totals[field] += own.size;
      });
      for (const word of seen) vocabulary.set(word, (vocabulary.get(word) ?? 0) + 1);
    });
    const numbers = data.questions.map((_, id) => [id, id]);
    const index = MiniSearch.loadJS(
      {
        documentCount: count,
        nextId: count,
        documentIds: Object.fromEntries(numbers),
        fieldIds: Object.fromEntries(fields.map((field, at) => [field, at])),
        fieldLength: lengths,
        averageFieldLength: totals.map((total) => total / Math.max(1, count)),
        storedFields: {},
        dirtCount: 0,
        index: [...rows],
        serializationVersion: 2,
      },
      {
        fields,
        processTerm: (word) => word,
        searchOptions: { tokenize: (text) => text.split(" "), boost: BOOST, combineWith: "AND", bm25: { k: 1.2, b: 0.5, d: 0.5 } },
      },
    );
    const byNumber = new Map(data.questions.map((question, id) => [question.number, id]));

    /** question -> score, for those whose titles or aliases have all of `list` (the last one as a prefix, if asked). */
    function lookUp(list, prefix) {
      const last = list.length - 1;
      const options = prefix ? { prefix: (_, at) => at === last } : {};
      return new Map(index.search(list.join(" "), options).map((one) => [one.id, one.score]));
    }

    // Between 0 (in every title) and 1 (in none).
    const rarity = (known) => Math.log(1 + count / (known + 0.5)) / Math.log(1 + count / 0.5);
    /** What a word counts in a query; less where many pages have it. */
    const weightOf = (word) => (common.has(word) ? COMMON : rarity(Math.max(vocabulary.get(word) ?? 0, inText(word))));
    const known = (list) => Math.min(...list.map((word) => vocabulary.get(word) ?? 0));

    function wordVariants(run, last) {
      const variants = [{ words: [run.whole], ...EXACT }];
      const add = (list, factor, prefix = false) => variants.push({ words: list, factor, prefix });
      const inTitles = vocabulary.has(run.whole);
      const pieces = words(run).filter((one) => one !== run.whole);
      if (run.parts.length > 1) add(run.parts, 0.9);
      else if (pieces.length > 1) add(pieces, 0.9);
      for (const one of spellings(run.whole)) if (vocabulary.has(one)) add([one], 0.95);
      if (last ? run.whole.length > 0 : run.whole.length > 3) add([run.whole], PREFIX, true);
      if (!inTitles && /^[a-z]+$/.test(run.whole)) {
        const short = stem(run.whole);
        if (short) add([short], STEM, true);
        for (let at = 2; at < run.whole.length - 1; at++) {
          const two = [run.whole.slice(0, at), run.whole.slice(at)];
          if (two.every((one) => vocabulary.has(one))) add(two, 0.8);
        }
      }
      return variants;
    }

    /**
     * Words of the titles that are one typo away, or begin so where the word is still being typed; asked for only where
     * the word itself is not known.
     */
    function typos(word, last) {
      if (word.length < 5 || vocabulary.has(word) || !/^[a-z0-9]+$/.test(word)) return [];
      const known = [...vocabulary.keys()].filter((one) => one[0] !== "§");
      const found = known.filter((one) => oneTypo(word, one));
      if (found.length || !last || known.some((one) => one.startsWith(word))) return found;
      const lengths = [word.length, word.length + 1, word.length - 1];
      return known.filter((one) => one.length > word.length && lengths.some((length) => oneTypo(word, one.slice(0, length))));
    }

    /** A piece of the query: what may match it, how much it counts, whether it is only an asking word. */
    function unit(kind, variants, weight, extra = {}) {
      return { kind, variants, weight, asking: false, ...extra };
    }

    function termUnit(list, span, last) {
      const surface = [...new Set(list.slice(span.first, span.last + 1).map((one) => one.run))];
      const han = list.slice(span.first, span.last + 1).filter((one) => one.run.han);
      const literal = [];
      for (const run of surface) {
        if (!run.han) literal.push(run.whole);
        else {
          const own = han.filter((one) => one.run === run).map((one) => one.key).join("");
          literal.push(...bigrams(own));
        }
      }
      const atEnd = last && span.last === list.length - 1;
      const endsLatin = atEnd && !surface[surface.length - 1].han;
      const variants = [{ words: literal, factor: 1 }];
      for (const number of span.terms) {
        variants.push({ words: [tag(number)], factor: 0.9 }, { words: [insideTag(number)], factor: INSIDE });
      }
      if (endsLatin) variants.push({ words: literal, factor: PREFIX, prefix: true });
      const joined = surface.length > 1 && surface.every((run) => !run.han) ? surface.map((run) => run.whole).join("") : "";
      if (joined) variants.push({ words: [joined], factor: 1 });
      const most = Math.max(...variants.map((one) => known(one.words)));
      return unit("term", variants, rarity(most) * Math.min(1.5, 0.75 + 0.25 * (span.last - span.first + 1)), {
        terms: span.terms,
        firm: span.terms.length > 0 && isFirm(list, span),
      });
    }

    function hanUnit(text, last, weak) {
      const list = bigrams(text);
      if (text.length === 1) return unit("han", [{ words: list, factor: 1, prefix: true }], 0.1, { text });
      const variants = list.map((word) => ({ words: [word], factor: 1 }));
      const per = list.map((word) => weightOf(word));
      const weight = (per.reduce((sum, one) => sum + one, 0) / per.length) * (text.length / 2);
      return unit("han", variants, weak ? Math.min(weight, 0.3) : weight, { text });
    }

    /** Cover the elements with terms, asking words and what remains, leaving as little as possible. */
    function pieces(list) {
      const spans = [
        ...findTerms(list, terms, true).map((span) => ({ ...span, kind: "term" })),
        ...findTerms(list, stops, true).map((span) => ({ ...span, kind: "stop" })),
      ];
      const from = new Map();
      for (const span of spans) from.set(span.first, [...(from.get(span.first) ?? []), span]);
      const best = Array(list.length + 1).fill(null);
      best[list.length] = { cost: 0 };
      for (let at = list.length - 1; at >= 0; at--) {
        best[at] = { cost: best[at + 1].cost + (list[at] ? 1 : 0), piece: { kind: list[at] ? "rest" : "gap", first: at, last: at } };
        for (const span of from.get(at) ?? []) {
          // A term is dearer to leave out than an asking word; one long span is better than two short ones.
          const cost = best[span.last + 1].cost + (span.kind === "term" ? 0.1 : 0.15);
          if (cost < best[at].cost) best[at] = { cost, piece: span };
        }
      }
      const found = [];
      for (let at = 0; at < list.length; at = best[at].piece.last + 1) found.push(best[at].piece);
      return found;
    }

    /** Whether the element stands inside a Latin word of which other parts do not belong to the span. */
    function cutsWord(list, span) {
      const before = list[span.first - 1];
      const after = list[span.last + 1];
      const first = list[span.first];
      const end = list[span.last];
      return (
        (before && !first.run.han && before.run === first.run) || (after && !end.run.han && after.run === end.run)
      );
    }

    /** What a query asks for. */
    function plan(query) {
      const text = fold(query.slice(0, LONGEST_QUERY), simplified).trim();
      const list = elements(text);
      const open = !/\s$/.test(query);
      const units = [];
      const latin = new Set();
      let rest = "";
      let restAfterHan = "";

      const flush = (last) => {
        if (rest.length === 1 && restAfterHan) units.push(hanUnit(restAfterHan + rest, last, true));
        else if (rest) units.push(hanUnit(rest, last, false));
        rest = "";
        restAfterHan = "";
      };
      const found = pieces(list);
      found.forEach((piece, at) => {
        const isLast = open && at === found.length - 1;
        const element = list[piece.first];
        if (piece.kind === "gap") return flush(false);
        if (piece.kind === "rest" && element.run.han) {
          const before = list[piece.first - 1];
          if (!rest) restAfterHan = before && before.run === element.run ? before.key : "";
          rest += element.key;
          const next = list[piece.first + 1];
          if (!next || next.run !== element.run) flush(isLast);
          return;
        }
        flush(false);
        const whole = !element.run.han && (piece.kind === "rest" || cutsWord(list, piece));
        if (whole) {
          // The word as it stands; terms among its parts are variants of it.
          for (const one of list.slice(piece.first, piece.last + 1)) {
            if (latin.has(one.run)) continue;
            latin.add(one.run);
            const variants = wordVariants(one.run, open && one.end === text.length);
            for (const typo of typos(one.run.whole, open && one.end === text.length)) variants.push({ words: [typo], factor: TYPO });
            const most = Math.max(0, ...variants.map((variant) => (variant.prefix ? 0 : known(variant.words))));
            const small = one.run.whole.length === 1 || /^\d$/.test(one.run.whole) ? 0.3 : 1;
            units.push(unit("word", variants, rarity(most) * small, { run: one.run }));
          }
          return;
        }
        const built = termUnit(list, piece.kind === "term" ? piece : { ...piece, terms: [] }, open);
        if (piece.kind === "stop") built.asking = true;
        else if (isStop(list, piece)) built.asking = true;
        units.push(built);
      });
      flush(open);
      joinNeighbours(units);
      if (units.every((one) => one.asking)) for (const one of units) one.asking = false;
      return { text, name: nameOf(list), units: units.slice(0, MOST_UNITS) };
    }

    const keyOf = (list, span) => list.slice(span.first, span.last + 1).map((one) => one.key).join(" ");
    const isStop = (list, span) => stops.get(keyOf(list, span))?.length > 0;
    const isFirm = (list, span) => {
      const key = keyOf(list, span);
      // `ReAct` and `RAG` are meant as written.
      if (list.slice(span.first, span.last + 1).some((one) => /.[A-Z]/.test(one.run.text))) return key.length > 2;
      return !ordinary.has(key) && !stops.get(key)?.length && (key.length > 2 || key.charCodeAt(0) > 0x3000);
    };

    /** `flash atten` -> also `flashatten`: two words that titles write as one. */
    function joinNeighbours(units) {
      for (let at = 0; at + 1 < units.length; at++) {
        const [one, two] = [units[at], units[at + 1]];
        if (one.kind !== "word" || two.kind !== "word") continue;
        const joined = one.run.whole + two.run.whole;
        if (vocabulary.has(joined)) {
          one.variants.push({ words: [joined], factor: 1 });
          two.variants.push({ words: [joined], factor: 1 });
        }
      }
    }

    // ── the text of the pages ──────────────────────────────────────────────

    const shards = new Map();

    function addShard(number, content) {
      shards.set(number, content);
    }

    function sectionsOf(word) {
      const content = shards.get(shardOf(word, data.shards));
      const row = content && Object.hasOwn(content, word) ? content[word] : null;
      if (!row) return null;
      const found = new Map();
      let value = 0;
      for (const step of row) {
        value += step;
        found.set(value >> 1, value & 1);
      }
      return found;
    }

    const spread = new Map();

    /** In how many questions' texts a word stands, as far as is known. */
    function inText(word) {
      if (!data.shards || !shards.has(shardOf(word, data.shards))) return 0;
      if (!spread.has(word)) spread.set(word, new Set([...(sectionsOf(word)?.keys() ?? [])].map((one) => owner[one])).size);
      return spread.get(word);
    }

    function wordsWithPrefix(word) {
      const content = shards.get(shardOf(word, data.shards));
      return content ? Object.keys(content).filter((one) => one.startsWith(word)).slice(0, 40) : [];
    }

    /** section -> 1 where it stands in the heading or short answer, else 0; for sections with all the words. */
    function sectionsWith(list, prefix) {
      let all = null;
      for (const [at, word] of list.entries()) {
        const alternatives = prefix && at === list.length - 1 && word.length > 1 ? wordsWithPrefix(word) : [word];
        const found = new Map();
        for (const one of alternatives) {
          for (const [section, strong] of sectionsOf(one) ?? []) found.set(section, Math.max(strong, found.get(section) ?? 0));
        }
        if (!all) all = found;
        else for (const [section, strong] of all) {
          if (!found.has(section)) all.delete(section);
          else all.set(section, Math.min(strong, found.get(section)));
        }
      }
      return all ?? new Map();
    }

    /** The numbers of the shards that a plan can use. */
    function shardsFor({ units }) {
      const numbers = new Set();
      if (!data.shards) return numbers;
      for (const one of units) {
        if (one.asking) continue;
        for (const variant of one.variants) {
          for (const word of variant.words) if (word.length > 1) numbers.add(shardOf(word, data.shards));
        }
      }
      return numbers;
    }

    // ── the ranking ────────────────────────────────────────────────────────

    /**
     * Score of each question for one unit from titles and aliases: {score, covered}. A run of Han that is no term is
     * covered by as many of its characters as the question has in twos.
     */
    function titleScores(one) {
      const found = new Map();
      if (one.kind === "han" && one.text.length > 1) {
        one.variants.forEach((variant, at) => {
          for (const [id, score] of lookUp(variant.words, false)) {
            const entry = found.get(id) ?? { score: 0, characters: new Set() };
            entry.score += score;
            entry.characters.add(at).add(at + 1);
            found.set(id, entry);
          }
        });
        for (const entry of found.values()) {
          entry.covered = entry.characters.size / one.text.length;
          entry.score *= entry.covered / Math.sqrt(one.text.length - 1);
        }
        return found;
      }
      for (const variant of one.variants) {
        for (const [id, score] of lookUp(variant.words, variant.prefix)) {
          const value = score * variant.factor;
          const covered = variant.factor < PREFIX ? 0.85 : 1;
          const entry = found.get(id);
          if (!entry) found.set(id, { score: value, covered });
          else {
            entry.score = Math.max(entry.score, value);
            entry.covered = Math.max(entry.covered, covered);
          }
        }
      }
      return found;
    }

    /** The same from the text: question -> {score, covered}; `matched` collects section -> number of units in it. */
    function textScores(one, matched) {
      const sections = new Map();
      if (one.kind === "han" && one.text.length > 1) {
        const characters = new Map();
        one.variants.forEach((variant, at) => {
          for (const [section, strong] of sectionsWith(variant.words, false)) {
            const entry = characters.get(section) ?? { set: new Set(), strong };
            entry.set.add(at).add(at + 1);
            entry.strong = Math.min(entry.strong, strong);
            characters.set(section, entry);
          }
        });
        for (const [section, { set, strong }] of characters) {
          sections.set(section, { strong, covered: set.size / one.text.length });
        }
      } else {
        for (const variant of one.variants) {
          for (const [section, strong] of sectionsWith(variant.words, variant.prefix)) {
            const old = sections.get(section);
            sections.set(section, { strong: Math.max(strong, old?.strong ?? 0), covered: 1 });
          }
        }
      }
      const found = new Map();
      for (const [section, { strong, covered }] of sections) {
        const id = owner[section];
        const entry = found.get(id) ?? { amount: 0, covered: 0 };
        entry.amount += covered * (strong ? 2 : 1);
        entry.covered = Math.max(entry.covered, covered * (strong ? IN_HEADING : IN_TEXT));
        found.set(id, entry);
        matched.set(section, (matched.get(section) ?? 0) + one.weight * covered * (strong ? 1.5 : 1));
      }
      const rare = rarity(found.size);
      for (const entry of found.values()) entry.score = TEXT_SCORE * rare * (1 - 0.7 ** entry.amount);
      return found;
    }

    /**
     * The questions that answer `query`, best first: {id, score, sections}; `sections` are the numbers within the
     * question of those that match, best first.
     */
    function search(planned) {
      const { units, name } = planned;
      const totals = new Map();
      const matched = new Map();
      const whole = units.reduce((sum, one) => sum + (one.asking ? 0 : one.weight), 0);
      for (const one of units) {
        const titles = titleScores(one);
        const texts = one.asking ? new Map() : textScores(one, matched);
        for (const id of new Set([...titles.keys(), ...texts.keys()])) {
          const title = titles.get(id);
          const text = texts.get(id);
          const total = totals.get(id) ?? { score: 0, covered: 0, content: false, title: false, firm: false };
          total.score += ((title?.score ?? 0) + (text?.score ?? 0)) * (one.asking ? ASKING : 1);
          if (!one.asking) {
            total.covered += one.weight * Math.max(title?.covered ?? 0, text?.covered ?? 0);
            total.content = true;
            total.title ||= (title?.covered ?? 0) >= 0.5;
            total.firm ||= Boolean(title && one.firm);
          }
          totals.set(id, total);
        }
      }
      const bySection = new Map();
      for (const [section, value] of matched) {
        const id = owner[section];
        if (!bySection.has(id)) bySection.set(id, []);
        bySection.get(id).push([section - firstSection[id], value]);
      }
      const hits = [];
      const number = /^\D?(\d{1,4})\D?$/.exec(planned.text)?.[1];
      const wanted = number ? byNumber.get(Number(number)) : undefined;
      if (wanted !== undefined && !totals.has(wanted)) totals.set(wanted, { score: 0, covered: whole, content: true });
      for (const [id, total] of totals) {
        const share = whole ? total.covered / whole : 1;
        const enough = total.firm ? ENOUGH_FIRM : total.title ? ENOUGH : ENOUGH_TEXT;
        if (id !== wanted && (!total.content || share < enough)) continue;
        let score = total.score * share;
        score *= names.get(name)?.get(id) ?? 1;
        if (id === wanted) score += 1000;
        const sections = (bySection.get(id) ?? []).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
        hits.push({ id, score, share, sections: sections.map(([section]) => section) });
      }
      const best = Math.max(0, ...hits.map((hit) => hit.share));
      return hits.filter((hit) => hit.share >= best * BESIDE_BEST || hit.id === wanted).sort((a, b) => b.score - a.score || a.id - b.id);
    }

    return { plan, search, shardsFor, addShard, hasShard: (number) => shards.has(number), simplified, terms, data, vocabulary };
  }

  Object.assign(guideSearch, { create, shardOf });
})();
