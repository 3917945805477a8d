// What the practice page knows from the start, and the cards that it fetches when they are about to be asked.
// Classic scripts without imports, as everywhere here; these share `guidePractice`.
(() => {
  "use strict";

  const settings = JSON.parse(document.getElementById("__practice").textContent);
  const cards = new Map();

  /** `words[key]` with its {names} filled in. */
  const text = (key, values = {}) => settings.words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /** On pages opened from a folder an address has to name the file. */
  const address = (url) => (location.protocol === "file:" ? url.replace(/\/(?=$|[?#])/, "/index.html") : url);

  function load(slug) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${settings.cards}/${slug}.js`;
      script.onload = () => resolve(script.remove());
      script.onerror = () => reject(new Error(script.src), script.remove());
      document.head.append(script);
    });
  }

  globalThis.guidePractice = {
    settings,
    text,
    address,
    questions: new Map(settings.questions.map((question) => [question.slug, { ...question, url: address(question.url) }])),
    receive: (slug, card) => cards.set(slug, card),
    card: (slug) => cards.get(slug),
    /** The card of a question; rejects where it cannot be fetched. */
    async fetch(slug) {
      if (!cards.has(slug)) await load(slug);
      return cards.get(slug);
    },
  };
})();
