// The ranking: a query against the questions of one language. Where words stand, in titles and aliases and in the sections of
// the pages, comes in shards, ready for use; a plan names those that it misses until they are added. Titles and aliases are
// scored by MiniSearch.
globalThis.guideSearch ??= {};

(() => {
  const { fold, words, bigrams, elements, termTable, findTerms, oneTypo, singular } = guideSearch;

  const BOOST = { title: 4, other: 2.5, aliases: 2.5 };
  // A query is cut here: what is longer was not typed as a query.
  const LONGEST_QUERY = 160;
  const MOST_UNITS = 24;
  const MOST_REMEMBERED = 500;
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
  // What a name that begins with two letters counts beside one that is just these: as MiniSearch has it, on average.
  const BEGINNING = 0.3;
  const ENDINGS = /(?:izations?|isations?|ations?|ments?|ness|ings?|ers?|ors?|ions?|ities|ity|ies|ed|es|e|s|y)$/;

  // The word for a term; and for one that is only a part of the name of another (`位置编码` in `旋转位置编码`).
  const tag = (number) => `§${number}`;
  const insideTag = (number) => `§${number}~`;

  const isHan = (word) => word.codePointAt(0) > 0x3000;

  /** FNV-1a over what all words of a shard have in common; the build computes the same. */
  function shardOf(word, count) {
    // By code points, as the build counts: some characters are two units long.
    const key = word[0] === "§" || isHan(word) ? word.replace(/~+$/, "") : [...word, "~", "~"].slice(0, 3);
    let hash = 0x811c9dc5;
    for (const letter of key) hash = Math.imul(hash ^ letter.codePointAt(0), 0x01000193) >>> 0;
    return hash % count;
  }

  /** The shard of a whole title or alias: that of its first word. */
  function shardOfName(name, count) {
    const [first, second] = name.split(" ", 2);
    return shardOf(isHan(first) && second && isHan(second) ? first + second : first, count);
  }

  /** A row of a shard: numbers, each given as the difference from the one before. */
  function unpacked(row) {
    let value = 0;
    return row.map((step) => (value += step));
  }

  /** The words of the vocabulary: each begins with as many letters of the one before as its first digit says. */
  function vocabularyOf(packed) {
    let word = "";
    return packed ? packed.split(" ").map((one) => (word = word.slice(0, parseInt(one[0], 36)) + one.slice(1))) : [];
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

    const nameOf = (list) => list.filter(Boolean).map((one) => one.key).join(" ");
    const fields = Object.keys(BOOST);
    // Of each question, how many words its title, its title in the other language and its aliases have.
    const lengths = data.questions.map(({ names }) => names);
    const averages = fields.map((_, field) => lengths.reduce((sum, one) => sum + one[field], 0) / Math.max(1, count));

    /** MiniSearch over `rows`, a Map: word -> field -> questions. Handed over as a stored index, since the build has taken
        all names apart. A word that many aliases repeat says no more than once. */
    function indexOf(rows, ids) {
      const column = (list) => Object.fromEntries(list.map((id) => [id, 1]));
      const index = [...rows].map(([word, row]) => [word, Object.fromEntries(Object.entries(row).map(([field, list]) => [field, column(list)]))]);
      return MiniSearch.loadJS(
        {
          documentCount: count,
          nextId: count,
          documentIds: Object.fromEntries(ids.map((id) => [id, id])),
          fieldIds: Object.fromEntries(fields.map((field, at) => [field, at])),
          fieldLength: Object.fromEntries(ids.map((id) => [id, lengths[id]])),
          averageFieldLength: averages,
          storedFields: {},
          dirtCount: 0,
          index,
          serializationVersion: 2,
        },
        {
          fields,
          processTerm: (word) => word,
          searchOptions: { tokenize: (text) => [text], boost: BOOST, bm25: { k: 1.2, b: 0.5, d: 0.5 } },
        },
      );
    }

    const byNumber = new Map(data.questions.map((question, id) => [question.number, id]));

    // ── what comes on demand ───────────────────────────────────────────────

    const shards = new Map();
    // The Latin words of all names, once they are there.
    let vocabulary = null;
    // Files that the plan in the making would use.
    let missing = new Set();

    /** Adds a file of the index that a plan named as missing. */
    function add(name, content) {
      memory.clear();
      if (name === "vocabulary") {
        vocabulary = new Set(vocabularyOf(content ?? ""));
      } else shards.set(Number(name.slice(name.indexOf("/") + 1)), content ?? {});
    }

    function numbered(number) {
      const shard = shards.get(number);
      if (!shard) missing.add(`words/${number}`);
      return shard;
    }
    const shardWith = (word) => (data.shards ? numbered(shardOf(word, data.shards)) : { text: {} });
    const rowOf = (shard, kind, word) => (shard?.[kind] && Object.hasOwn(shard[kind], word) ? shard[kind][word] : null);

    /** MiniSearch over what a shard knows of titles and aliases. */
    function indexIn(shard) {
      if (!shard) return null;
      if (!shard.index) {
        const rows = new Map();
        const ids = new Set();
        for (const [field, kind] of fields.entries()) {
          for (const [word, packed] of Object.entries(shard[kind] ?? {})) {
            const list = unpacked(packed);
            if (!rows.has(word)) rows.set(word, {});
            rows.get(word)[field] = list;
            list.forEach((id) => ids.add(id));
          }
        }
        shard.index = indexOf(rows, [...ids]);
      }
      return shard.index;
    }

    // What was looked up since the last file came: a plan asks for the same words again and again.
    const memory = new Map();
    function remembered(key, make) {
      if (memory.size > MOST_REMEMBERED) memory.clear();
      if (!memory.has(key)) memory.set(key, make());
      return memory.get(key);
    }

    /** In how many questions' titles and aliases a word stands, as far as is known. */
    function inNames(word) {
      const shard = shardWith(word);
      return remembered(`names ${word}`, () => {
        const found = new Set();
        for (const kind of fields) for (const id of unpacked(rowOf(shard, kind, word) ?? [])) found.add(id);
        return found.size;
      });
    }

    /** Whether a word of titles or aliases begins so. */
    function begins(start) {
      const shard = shardWith(start);
      return remembered(`begins ${start}`, () =>
        fields.some((kind) => Object.keys(shard?.[kind] ?? {}).some((word) => word.startsWith(start))),
      );
    }

    /** The vocabulary, where a Latin word of a query is none of titles and aliases, nor the beginning of one that is being typed. */
    function vocabularyFor(word, last) {
      if (word.length < 4 || !/^[a-z0-9]+$/.test(word) || !shardWith(word) || inNames(word) || (last && begins(word))) return null;
      if (!vocabulary) missing.add("vocabulary");
      return vocabulary;
    }

    /** question -> score by the names that have `word`, or begin with it. */
    function scoresOf(word, prefix) {
      const shard = shardWith(word);
      return remembered(`scores ${prefix ? "^" : ""}${word}`, () => {
        const found = new Map();
        const collect = (text, options, factor) => {
          for (const { id, score } of indexIn(shard)?.search(text, options) ?? []) found.set(id, (found.get(id) ?? 0) + factor * score);
        };
        // Words of a shorter beginning lie in many shards; it stands in its own as a word by itself.
        const short = prefix && word.length < (isHan(word) ? 2 : 3);
        collect(word, { prefix: prefix && !short }, 1);
        if (short) collect(`${word}~`, {}, BEGINNING);
        return found;
      });
    }

    /** question -> score, for those whose titles or aliases have all of `list` (the last one as a prefix, if asked). */
    function lookUp(list, prefix) {
      const own = [...new Set(list)];
      const all = own.map((word, at) => scoresOf(word, prefix && at === own.length - 1));
      const found = new Map();
      for (const id of all[0].keys()) {
        if (!all.every((one) => one.has(id))) continue;
        // As MiniSearch does: the sum, times the number of words found.
        found.set(id, own.length * all.reduce((sum, one) => sum + one.get(id), 0));
      }
      return found;
    }

    /** What the question gains of which `name` is the title, in either language, or an alias. */
    function bonuses(name) {
      const found = new Map();
      if (!name) return found;
      const shard = data.shards ? numbered(shardOfName(name, data.shards)) : null;
      for (const value of unpacked(rowOf(shard, "names", name) ?? [])) found.set(value >> 1, value & 1 ? SAME_TITLE : SAME_ALIAS);
      return found;
    }

    // Between 0 (in every title) and 1 (in none).
    const rarity = (known) => Math.log(1 + count / (known + 0.5)) / Math.log(1 + count / 0.5);
    /** What a word counts in a query; less where many pages have it. */
    const weightOf = (word) => (common.has(word) ? COMMON : rarity(Math.max(inNames(word), inText(word))));
    const known = (list) => Math.min(...list.map(inNames));

    function wordVariants(run, last) {
      const variants = [{ words: [run.whole], ...EXACT }];
      const add = (list, factor, prefix = false) => variants.push({ words: list, factor, prefix });
      const pieces = words(run).filter((one) => one !== run.whole);
      if (run.parts.length > 1) add(run.parts, 0.9);
      else if (pieces.length > 1) add(pieces, 0.9);
      for (const one of spellings(run.whole)) if (inNames(one)) add([one], 0.95);
      if (last ? run.whole.length > 0 : run.whole.length > 3) add([run.whole], PREFIX, true);
      if (!inNames(run.whole) && /^[a-z]+$/.test(run.whole)) {
        const short = stem(run.whole);
        if (short) add([short], STEM, true);
      }
      const strange = vocabularyFor(run.whole, last);
      if (strange) {
        for (let at = 2; at < run.whole.length - 1; at++) {
          const two = [run.whole.slice(0, at), run.whole.slice(at)];
          if (two.every((one) => strange.has(one))) add(two, 0.8);
        }
        for (const one of typos(run.whole, last, strange)) add([one], TYPO);
      }
      return variants;
    }

    /** Words of the vocabulary that are one typo away, or begin so where the word is still being typed. */
    function typos(word, last, known) {
      if (word.length < 5) return [];
      return remembered(`typos ${last} ${word}`, () => {
        const list = [...known];
        const found = list.filter((one) => oneTypo(word, one));
        if (found.length || !last) return found;
        const lengths = [word.length, word.length + 1, word.length - 1];
        return list.filter((one) => one.length > word.length && lengths.some((length) => oneTypo(word, one.slice(0, length))));
      });
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

    /** What a query asks for, and the files that are needed to answer it: {text, name, units, missing}. */
    function plan(query) {
      missing = new Set();
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
      const name = nameOf(list);
      const kept = units.slice(0, MOST_UNITS);
      for (const one of kept) for (const variant of one.variants) variant.words.forEach(shardWith);
      bonuses(name);
      return { text, name, units: kept, missing };
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
        if (inNames(joined)) {
          one.variants.push({ words: [joined], factor: 1 });
          two.variants.push({ words: [joined], factor: 1 });
        }
      }
    }

    // ── the text of the pages ──────────────────────────────────────────────

    function sectionsOf(word) {
      const row = rowOf(shardWith(word), "text", word);
      return row && remembered(`text ${word}`, () => new Map(unpacked(row).map((value) => [value >> 1, value & 1])));
    }

    /** In how many questions' texts a word stands, as far as is known. */
    function inText(word) {
      const sections = sectionsOf(word);
      return sections ? remembered(`spread ${word}`, () => new Set([...sections.keys()].map((one) => owner[one])).size) : 0;
    }

    function wordsWithPrefix(word) {
      return Object.keys(shardWith(word)?.text ?? {}).filter((one) => one.startsWith(word)).slice(0, 40);
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
      const same = bonuses(name);
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
        score *= same.get(id) ?? 1;
        if (id === wanted) score += 1000;
        const sections = (bySection.get(id) ?? []).sort((a, b) => b[1] - a[1] || a[0] - b[0]);
        hits.push({ id, score, share, sections: sections.map(([section]) => section) });
      }
      const best = Math.max(0, ...hits.map((hit) => hit.share));
      return hits.filter((hit) => hit.share >= best * BESIDE_BEST || hit.id === wanted).sort((a, b) => b.score - a.score || a.id - b.id);
    }

    return { plan, search, add, simplified, terms, data };
  }

  Object.assign(guideSearch, { create, shardOf, shardOfName, vocabularyOf });
})();
