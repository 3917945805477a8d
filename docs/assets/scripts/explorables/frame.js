// The frame of the explorables: figures that the reader moves. An explorable is one file beside this one:
//
//   explorables.define("sampling", {
//     words: { zh: {…}, en: {…} },      title and whatever the other functions say; *T* is set in italics, _{i} as an index
//     controls: (words) => [ … ],       see `kinds` below; each has a name, a kind, a label and a value to start from
//     arithmetic: { … },                pure functions, which the tests hold against the page's example.py
//     compute: (state) => result,       from the values of the controls, by name
//     height: (width) => pixels,        of the picture; the same for every state, so that nothing below it moves
//     draw: (given) => node or nodes,   given: { state, result, words, width, height, language }
//     tell: (given) => text,            the result in a sentence or two
//     describe: (given) => text,        what the picture shows, for who does not see it
//     lines: [2, 4],                    room for the sentence, in lines, on a wide screen and on a phone; or { zh: …, en: … }
//     settle: (state, name) => changes, optional: what else changes with the control `name` (a preset fills in others)
//     drag: (point, given) => changes,  optional: the pointer on an element of class "handle"; point: { x, y, handle }
//     actions: (words) => [{ name, label, act: (state) => changes }],  optional: buttons
//   });
//
// The page has <explorable-sampling start="…"> with the figure inside that stands there without JavaScript. What
// the controls stand at is kept in the address, #sampling?temperature=0.7&top_p=0.9, unless it is what they start
// from; whatever an address says is read by its control, which takes no value that the reader could not have chosen.
//
// Classic scripts without imports, for the same reason as progress.js. They run while the page is read in, before
// anything is shown; on file level an explorable only calls define(), so that tests can load it without a browser.
(() => {
  "use strict";

  const english = document.documentElement.lang.startsWith("en");
  const language = english ? "en" : "zh";
  const say = {
    zh: { try: "动手试", reset: "还原", link: "复制链接", copied: "链接已复制", inAddress: "链接在地址栏里", figure: "静态图" },
    en: { try: "Try it", reset: "Reset", link: "Copy link", copied: "Link copied", inAddress: "The link is in the address bar", figure: "Static figure" },
  }[language];

  const clamp = (value, min, max) => Math.min(max, Math.max(min, value));
  const tidy = (value) => Number(value.toPrecision(12));

  /* Numbers and elements --------------------------------------------------------------------------------------- */

  /** 54410 → "54,410"; `digits` behind the point, a real minus. */
  const number = (value, digits = 0) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");

  /** At most `digits` significant ones, no zeros at the end: 0.05, 1.25, 12.6, 131,072. */
  const short = (value, digits = 3) =>
    value.toLocaleString("en", { maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(Math.abs(value) + 1))) }).replace("-", "−");

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value != null) node.setAttribute(name, value);
    }
    node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
    return node;
  }
  const html = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  /** Text with *italics* for symbols and _{indices}, as nodes; for SVG as tspans. */
  function rich(text, drawn = false) {
    return String(text).split(/(\*[^*]+\*|_\{[^}]+\})/).map((piece) => {
      if (/^\*.+\*$/.test(piece)) return drawn ? svg("tspan", { class: "m" }, piece.slice(1, -1)) : html("i", { class: "m" }, piece.slice(1, -1));
      if (!piece.startsWith("_{")) return piece;
      const index = piece.slice(2, -1);
      return drawn ? [svg("tspan", { class: "index", dy: 4 }, index), svg("tspan", { dy: -4 }, "\u200b")] : html("sub", {}, index);
    });
  }
  const plain = (text) => String(text).replace(/\*([^*]+)\*/g, "$1").replace(/_\{([^}]+)\}/g, "$1");

  /* Controls ------------------------------------------------------------------------------------------------------
     Each kind makes an object { node, read: (text) => value, write: (value) => text, show: (value, state) => void }.
     `read` takes any text and gives a value that the reader could have chosen, or undefined. */

  /** The stops of a slider: `at(i)` for i in 0…count, `near(value)` the other way round. */
  function stops({ min, max, step = 1, log = false, stops: list, steps = 60, integer = false }) {
    const nearest = (among) => (value) => among.reduce((best, one, i) => (Math.abs(value - one) < Math.abs(value - among[best]) ? i : best), 0);
    if (list) return { count: list.length - 1, at: (i) => list[i], near: nearest(list), fit: (value) => list[nearest(list)(value)] };
    if (log) {
      const round = integer ? Math.round : (value) => Number(value.toPrecision(3));
      const inner = Array.from({ length: steps - 1 }, (_, i) => round(min * (max / min) ** ((i + 1) / steps)));
      const all = [...new Set([min, ...inner, max])]; // small integers come once
      return { count: all.length - 1, at: (i) => all[i], near: nearest(all), fit: (value) => clamp(integer ? Math.round(value) : value, min, max) };
    }
    const near = (value) => Math.round((value - min) / step);
    const at = (i) => tidy(min + i * step);
    return { count: near(max), at, near, fit: (value) => clamp(at(near(value)), min, max) };
  }

  const readNumber = (text) => (text.trim() === "" || !Number.isFinite(Number(text)) ? undefined : Number(text));
  let ids = 0;

  const kinds = {
    /** A slider: min, max, step; or log, steps; or stops: [1, 2, 8]. format: (value) => text with its unit. */
    range(spec, changed) {
      const scale = stops(spec);
      const format = spec.format ?? ((value) => short(value, 4));
      const id = `explorable-${(ids += 1)}`;
      const input = html("input", { type: "range", id, min: 0, max: scale.count, step: 1 });
      const output = html("output", { for: id });
      input.addEventListener("input", () => changed(scale.at(Number(input.value))));
      return {
        node: html("div", { class: "control" }, html("label", { for: id }, rich(spec.label)), output, input),
        read: (text) => (readNumber(text) === undefined ? undefined : scale.fit(readNumber(text))),
        write: String,
        show(value) {
          // The thumb stays where the hand holds it.
          if (scale.at(Number(input.value)) !== value) input.value = scale.near(value);
          input.style.setProperty("--at", scale.count ? input.value / scale.count : 0);
          output.replaceChildren(...rich(format(value)).flat());
          input.setAttribute("aria-valuetext", plain(format(value)));
        },
        inputs: [input],
      };
    },

    /** A number to type: min, max, integer; unit behind the field. */
    number(spec, changed) {
      const id = `explorable-${(ids += 1)}`;
      const fit = (value) => clamp(spec.integer === false ? value : Math.round(value), spec.min, spec.max);
      const input = html("input", { type: "number", class: "field", id, min: spec.min, max: spec.max, step: spec.integer === false ? "any" : 1 });
      let shown;
      input.addEventListener("input", () => {
        const value = readNumber(input.value);
        const good = value !== undefined && fit(value) === value;
        if (good) input.removeAttribute("aria-invalid");
        else input.setAttribute("aria-invalid", "true");
        if (good) changed(value);
      });
      // What is left in the field when the reader leaves it is what counts.
      input.addEventListener("change", () => {
        const value = readNumber(input.value);
        input.removeAttribute("aria-invalid");
        if (value === undefined) input.value = shown;
        else changed(fit(value));
      });
      return {
        node: html("div", { class: "control" }, html("label", { for: id }, rich(spec.label)), html("span", { class: "typed" }, input, spec.unit ? html("span", {}, rich(spec.unit)) : null)),
        read: (text) => (readNumber(text) === undefined ? undefined : fit(readNumber(text))),
        write: String,
        show(value) {
          shown = value;
          if (readNumber(input.value) !== value) input.value = value;
        },
        inputs: [input],
      };
    },

    /** One of a list that drops down: options: [[value, label], …]. */
    select(spec, changed) {
      const id = `explorable-${(ids += 1)}`;
      const input = html("select", { class: "field", id }, ...spec.options.map(([value, label]) => html("option", { value }, plain(label))));
      input.addEventListener("change", () => changed(input.value));
      return {
        node: html("div", { class: "control" }, html("label", { for: id }, rich(spec.label)), input),
        read: (text) => spec.options.find(([value]) => value === text)?.[0],
        write: String,
        show: (value) => (input.value = value),
        inputs: [input],
      };
    },

    /** One of a few that stand side by side: options: [[value, label], …]. */
    choice(spec, changed) {
      const name = `explorable-${(ids += 1)}`;
      const inputs = spec.options.map(([value]) => html("input", { type: "radio", name, value }));
      for (const input of inputs) input.addEventListener("change", () => changed(input.value));
      const labels = spec.options.map(([, label], i) => html("label", {}, inputs[i], html("span", {}, rich(label))));
      return {
        node: html("fieldset", { class: "control" }, html("legend", {}, rich(spec.label)), html("div", { class: "seg" }, labels)),
        read: (text) => spec.options.find(([value]) => value === text)?.[0],
        write: String,
        show: (value) => inputs.forEach((input) => (input.checked = input.value === value)),
        inputs,
      };
    },

    /** Yes or no. */
    toggle(spec, changed) {
      const input = html("input", { type: "checkbox" });
      input.addEventListener("change", () => changed(input.checked));
      return {
        node: html("label", { class: "control tick" }, input, html("i", { "aria-hidden": "true" }), html("span", {}, rich(spec.label))),
        read: (text) => ({ 1: true, 0: false })[text],
        write: (value) => (value ? "1" : "0"),
        show: (value) => (input.checked = value),
        inputs: [input],
      };
    },

    /** Any of a few, value a list: options: [[value, label], …]; offered: (state, value) => whether it is there at all. */
    set(spec, changed) {
      const inputs = spec.options.map(([value]) => html("input", { type: "checkbox", value }));
      const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
      for (const input of inputs) input.addEventListener("change", () => changed(chosen()));
      const labels = spec.options.map(([, label], i) => html("label", { class: "tick" }, inputs[i], html("i", { "aria-hidden": "true" }), html("span", {}, rich(label))));
      return {
        node: html("fieldset", { class: "control ticks" }, html("legend", {}, rich(spec.label)), html("div", {}, labels)),
        read: (text) => spec.options.map(([value]) => value).filter((value) => text.split(".").includes(value)),
        write: (value) => value.join("."),
        show(value, state) {
          inputs.forEach((input, i) => {
            input.checked = value.includes(input.value);
            labels[i].hidden = !(spec.offered?.(state, input.value) ?? true);
          });
        },
        inputs,
      };
    },

    /** A number that a button changes, such as a seed: min, max. */
    hidden: (spec) => ({
      node: html("span", { hidden: true }),
      read: (text) => (readNumber(text) === undefined ? undefined : clamp(Math.round(readNumber(text)), spec.min, spec.max)),
      write: String,
      show() {},
      inputs: [],
    }),

    /** Text to type: longest in characters; rows: 3 makes it an area; clean: (text) => text takes out what cannot be used. */
    text(spec, changed) {
      const id = `explorable-${(ids += 1)}`;
      const clean = (text) => (spec.clean ?? ((one) => one))([...text].slice(0, spec.longest ?? 200).join(""));
      const input = spec.rows
        ? html("textarea", { class: "field", id, rows: spec.rows, maxlength: spec.longest ?? 200, spellcheck: "false" })
        : html("input", { type: "text", class: "field", id, maxlength: spec.longest ?? 200, autocomplete: "off", spellcheck: "false" });
      input.addEventListener("input", () => changed(clean(input.value)));
      input.addEventListener("change", () => (input.value = clean(input.value)));
      return {
        node: html("div", { class: "control" }, html("label", { for: id }, rich(spec.label)), input),
        read: clean,
        write: String,
        // Not under the reader's cursor, where it would undo a comma that has no number behind it yet.
        show: (value) => document.activeElement !== input && (input.value = value),
        inputs: [input],
      };
    },
  };

  const same = (a, b) => String(a) === String(b);

  /* The element ------------------------------------------------------------------------------------------------ */

  /** What the address says about the explorable `name`, or null. */
  function fromAddress(name) {
    const [before, query] = location.hash.slice(1).split(/\?(.*)/s);
    return before === name && query !== undefined ? new URLSearchParams(query) : null;
  }

  function toAddress(hash) {
    try {
      history.replaceState(history.state, "", hash || location.pathname + location.search);
    } catch {
      // Some browsers count changes of the address and refuse after too many in a short time; the picture is right all the same.
    }
  }

  function define(name, spec) {
    const words = spec.words[language];

    class Explorable extends HTMLElement {
      connectedCallback() {
        if (this.instrument) return;
        try {
          this.build();
          this.classList.add("live");
          this.render();
        } catch (error) {
          this.retreat(error);
        }
      }

      /** Back to the figure that stands here without JavaScript. */
      retreat(error) {
        this.classList.remove("live");
        this.instrument?.remove();
        console.error(`explorable ${name}:`, error);
      }

      build() {
        this.controls = spec.controls(words).map((one) => {
          const control = kinds[one.kind](one, (value) => this.change(one.name, value));
          if (one.wide) control.node.classList.add("wide"); // two columns
          return { ...one, ...control };
        });
        this.start = this.applied(Object.fromEntries(this.controls.map((one) => [one.name, one.value])), new URLSearchParams(this.getAttribute("start") ?? ""));
        this.state = this.applied(this.start, fromAddress(name));

        const title = `explorable-${(ids += 1)}`;
        this.view = html("div", { class: "view" });
        this.sentence = html("p", { class: "tell" });
        this.status = html("p", { class: "visually-hidden", role: "status" });
        const button = (label, act) => {
          const node = html("button", { type: "button", class: "link" }, label);
          node.addEventListener("click", () => act(node));
          return node;
        };
        const figure = button(say.figure, () => {
          const shown = this.classList.toggle("still");
          figure.setAttribute("aria-pressed", String(shown));
        });
        figure.setAttribute("aria-pressed", "false");
        const actions = (spec.actions?.(words) ?? []).map(({ label, act }) => {
          const node = html("button", { type: "button", class: "btn" }, label);
          node.addEventListener("click", () => this.take(act(this.state)));
          return html("div", { class: "control action" }, node);
        });
        const form = html("form", {}, ...this.controls.map((one) => one.node), actions);
        form.addEventListener("submit", (event) => event.preventDefault());
        this.instrument = html(
          "div",
          { class: "instrument", role: "group", "aria-labelledby": title, tabindex: -1 },
          html("div", { class: "cap" }, html("span", { id: title }, html("b", {}, say.try), " ", rich(words.title)), html("span", {}, figure, button(say.reset, () => this.reset()), button(say.link, () => this.copy()))),
          form,
          html("div", { class: "shown" }, this.view, this.sentence),
          this.status,
        );
        const [wide, narrow] = spec.lines?.[language] ?? spec.lines ?? [2, 4];
        this.sentence.style.setProperty("--wide", wide);
        this.sentence.style.setProperty("--narrow", narrow);
        this.prepend(this.instrument);

        if (spec.drag) this.listenToPointer();
        new ResizeObserver(() => this.view.clientWidth && this.view.clientWidth !== this.width && this.render()).observe(this.view);
        addEventListener("hashchange", () => {
          const said = fromAddress(name);
          if (!said) return;
          this.state = this.applied(this.start, said);
          this.render();
          this.arrive();
        });
        if (fromAddress(name)) addEventListener("load", () => this.arrive());
      }

      /** A link to the explorable leads to it, as one to a heading does. */
      arrive() {
        this.scrollIntoView();
        this.instrument.focus({ preventScroll: true });
      }

      /** `state` with what `said` (URLSearchParams) asks for, control by control. */
      applied(state, said) {
        for (const { name: control, read } of this.controls) {
          const value = said?.has(control) ? read(said.get(control)) : undefined;
          if (value !== undefined) state = this.changed(state, control, value);
        }
        return state;
      }

      changed(state, control, value) {
        const next = { ...state, [control]: value };
        return { ...next, ...spec.settle?.(next, control) };
      }

      change(control, value) {
        if (same(this.state[control], value)) return;
        this.state = this.changed(this.state, control, value);
        this.later();
      }

      /** Takes changes that come from the picture or from a button. */
      take(changes) {
        for (const [control, value] of Object.entries(changes ?? {})) this.state = this.changed(this.state, control, value);
        this.later();
      }

      later() {
        cancelAnimationFrame(this.frame);
        this.frame = requestAnimationFrame(() => this.render());
        clearTimeout(this.timer);
        this.timer = setTimeout(() => {
          toAddress(this.hash(false));
          this.status.textContent = plain(this.said);
        }, 500);
      }

      /** The state as an address: what reading it back would not give by itself. */
      hash(always) {
        const said = new URLSearchParams();
        let known = this.start;
        for (const { name: control, write } of this.controls) {
          const value = this.state[control];
          if (same(known[control], value)) continue;
          said.set(control, write(value));
          known = this.changed(known, control, value);
        }
        return always || said.size ? `#${name}?${said}` : fromAddress(name) ? "" : location.hash;
      }

      reset() {
        this.state = this.start;
        this.later();
        for (const { inputs } of this.controls) if (inputs.includes(document.activeElement)) document.activeElement.blur();
      }

      async copy() {
        const address = new URL(this.hash(true), location.href).href;
        let done = true;
        try {
          await navigator.clipboard.writeText(address);
        } catch {
          done = false;
          toAddress(this.hash(true));
        }
        const button = this.instrument.querySelector(".cap button:last-child");
        button.textContent = this.status.textContent = done ? say.copied : say.inAddress;
        clearTimeout(this.copying);
        this.copying = setTimeout(() => (button.textContent = say.link), 2500);
      }

      render() {
        try {
          const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 20;
          this.width = this.view.clientWidth;
          const width = Math.round((this.width || 640) / rem);
          const height = spec.height(width);
          const result = spec.compute(this.state);
          this.given = { state: this.state, result, words, width, height, language };
          this.view.style.minHeight = `${height * rem}px`;
          this.view.replaceChildren(...[spec.draw(this.given)].flat(Infinity));
          for (const drawn of this.view.querySelectorAll("svg.picture")) drawn.setAttribute("aria-label", plain(spec.describe(this.given)));
          this.said = spec.tell(this.given);
          this.sentence.replaceChildren(...rich(this.said).flat());
          for (const { name: control, show, inputs, node, enabled, shown } of this.controls) {
            show(this.state[control], this.state);
            if (enabled) for (const input of inputs) input.disabled = !enabled(this.state);
            if (shown) node.hidden = !shown(this.state);
          }
        } catch (error) {
          this.retreat(error);
        }
      }

      listenToPointer() {
        let handle = null;
        const move = (event) => {
          const drawn = this.view.querySelector("svg.picture");
          const box = drawn.getBoundingClientRect();
          const unit = this.given.width / box.width;
          this.take(spec.drag({ x: (event.clientX - box.left) * unit, y: (event.clientY - box.top) * unit, handle }, this.given));
        };
        this.view.addEventListener("pointerdown", (event) => {
          handle = event.target.closest?.(".handle")?.dataset.handle ?? null;
          if (handle === null) return;
          this.view.setPointerCapture(event.pointerId);
          event.preventDefault();
          move(event);
        });
        // Browsers take no touch-action from what is inside of a picture.
        this.view.addEventListener("touchstart", (event) => event.target.closest?.(".handle") && event.cancelable && event.preventDefault(), { passive: false });
        this.view.addEventListener("pointermove", (event) => handle !== null && move(event));
        for (const end of ["pointerup", "pointercancel"]) this.view.addEventListener(end, () => (handle = null));
      }
    }

    Explorable.arithmetic = spec.arithmetic;
    customElements.define(`explorable-${name}`, Explorable);
  }

  /* Drawing ---------------------------------------------------------------------------------------------------- */

  /** A picture of `width` by `height`, shown one to one; describe() becomes its text alternative. */
  const picture = (width, height, ...children) =>
    svg("svg", { class: "picture", role: "img", viewBox: `0 0 ${width} ${height}` }, ...children);

  /** A label; class "t" is ink, "mid" and "end" anchor it, "halo" keeps what is behind it away. */
  const label = (x, y, text, kind = "") => svg("text", { x: tidy(x), y: tidy(y), class: kind }, rich(text, true));

  /** Round values between min and max, about `count` of them; powers of ten on a logarithmic axis. */
  function ticks(min, max, count = 5, log = false) {
    if (log) {
      const from = Math.ceil(Math.log10(min) - 1e-9);
      const all = Array.from({ length: Math.floor(Math.log10(max) + 1e-9) - from + 1 }, (_, i) => 10 ** (from + i));
      const every = Math.ceil(all.length / count);
      return all.filter((_, i) => i % every === 0);
    }
    const raw = (max - min) / count;
    const base = 10 ** Math.floor(Math.log10(raw));
    const step = base * [1, 2, 5, 10].find((one) => one * base >= raw * 0.999);
    const first = Math.ceil(min / step - 1e-9);
    return Array.from({ length: Math.floor(max / step + 1e-9) - first + 1 }, (_, i) => tidy((first + i) * step));
  }

  /**
   * Axes as the guide's plots have them: x an axis, y a grid, titles above and at the right below.
   * x, y: { min, max, log, ticks, format, title }. Gives { x, y } from values to places, the edges, and `nodes`.
   */
  function axes({ width, height, left = 44, right = 16, top = 26, bottom = 40, x, y }) {
    const scale = ({ min, max, log }, from, to) => {
      const value = log ? Math.log : (one) => one;
      return (one) => from + ((value(one) - value(min)) / (value(max) - value(min))) * (to - from);
    };
    const place = { x: scale(x, left, width - right), y: scale(y, height - bottom, top) };
    const marks = (axis) => (axis.ticks ?? ticks(axis.min, axis.max, 5, axis.log)).map((one) => [one, (axis.format ?? ((value) => short(value, 4)))(one)]);
    const nodes = [
      marks(y).map(([value, text]) => [
        svg("path", { class: "gr", d: `M${left} ${tidy(place.y(value))}H${width - right}` }),
        label(left - 8, place.y(value) + 4.5, text, "end"),
      ]),
      svg("path", { class: "ax", d: `M${left} ${height - bottom}H${width - right}` }),
      marks(x).map(([value, text]) => label(place.x(value), height - bottom + 17, text, "mid")),
      y.title ? label(0, 13, y.title) : null,
      x.title ? label(width - right, height - 3, x.title, "end") : null,
    ];
    return { ...place, left, right: width - right, top, bottom: height - bottom, nodes };
  }

  /** A line through points [x, y] of the axes as series 1 to 6; further classes in `kind`. */
  const line = (place, points, series, kind = "") =>
    svg("path", { class: `ln c${series} ${kind}`, d: points.map(([x, y], i) => `${i ? "L" : "M"}${place.x(x).toFixed(2)} ${place.y(y).toFixed(2)}`).join("") });

  /** What is drawn beyond the axes is cut off. */
  const inside = ({ left, right, top, bottom }, ...nodes) =>
    svg("svg", { x: left, y: top - 1, width: right - left, height: bottom - top + 2, viewBox: `${left} ${top - 1} ${right - left} ${bottom - top + 2}`, class: "inside" }, ...nodes);

  /** The mark of series 1 to 6 at a place. */
  function mark(x, y, series) {
    const shapes = {
      1: () => svg("circle", { r: 4 }),
      2: () => svg("rect", { x: -4, y: -4, width: 8, height: 8 }),
      3: () => svg("path", { d: "M0-5L5 4H-5Z" }),
      4: () => svg("path", { d: "M0-5.5L5.5 0 0 5.5-5.5 0Z" }),
      5: () => svg("path", { d: "M0 5L5-4H-5Z" }),
      6: () => svg("circle", { r: 3.5, class: "ring" }),
    };
    const drawn = shapes[series]();
    drawn.classList.add(`p${series}`);
    drawn.setAttribute("transform", `translate(${tidy(x)} ${tidy(y)})`);
    return drawn;
  }

  /** Marks and labels at the ends of lines: [{ x, y, text, series }] in places, moved apart where they would touch. */
  function ends(list, { top = 0, bottom = Infinity, gap = 17 } = {}) {
    const sorted = [...list].sort((a, b) => a.y - b.y).map((one) => ({ ...one, at: one.y }));
    sorted.forEach((one, i) => (one.at = Math.max(one.at, top, i ? sorted[i - 1].at + gap : -Infinity)));
    sorted.reverse().forEach((one, i) => (one.at = Math.min(one.at, bottom, i ? sorted[i - 1].at - gap : Infinity)));
    return sorted.map((one) => [mark(one.x, one.y, one.series), label(one.x + 10, one.at + 4.5, one.text, "t")]);
  }

  /**
   * Lying bars, one below the other, from `left` to `right` for 0 to `max`.
   * rows: [{ label, pieces: [{ value, kind }], from, text, chosen, faint }]: pieces end to end, starting at `from`;
   * refs: [{ at, label }], lines across all rows with their names above, or below if `under`. Gives { nodes, bottom, x }.
   */
  function bars({ left, right, top, max, rows, refs = [], under = false, pitch = 28, thick = 14 }) {
    const x = (value) => left + (Math.min(value, max) / max) * (right - left);
    const bottom = top + rows.length * pitch;
    let free = -Infinity;
    const lines = refs.filter(({ at }) => at <= max).map(({ at, label: name }) => {
      const room = x(at) - free >= 30;
      if (room) free = x(at);
      return [svg("path", { class: "ref", d: `M${tidy(x(at))} ${top - 4}V${bottom - 4}` }), room ? label(x(at), under ? bottom + 10 : top - 9, name, "mid") : null];
    });
    const drawn = rows.map(({ label: name, pieces, from = 0, text, chosen, faint }, i) => {
      const y = top + i * pitch;
      let at = from;
      const boxes = pieces.filter(({ value }) => value > 0).map(({ value, kind }) => {
        const start = x(at);
        const end = x((at += value));
        // A gap of paper parts neighbours; what is too thin for it is shown all the same.
        return svg("rect", { class: faint ? "faint" : kind, x: tidy(start), y, width: tidy(Math.max(end - start - 1, 1.5)), height: thick });
      });
      return [label(0, y + thick - 2.5, name, chosen ? "t b" : "t"), boxes, label(x(at) + 6, y + thick - 2.5, text, `halo ${chosen ? "t b" : "t"}`)];
    });
    return { nodes: [lines, svg("path", { class: "ax", d: `M${left} ${top - 4}V${bottom - 4}` }), drawn], bottom, x };
  }

  /**
   * What the pointer takes hold of, for drag(): a mouse anywhere in the box, a finger only near the place `x` or `y` or
   * both, so that it can scroll the page from the rest of the picture.
   */
  function grip(name, box, near) {
    const coarse = matchMedia("(pointer: coarse)").matches;
    const [left, width] = coarse && near.x !== undefined ? [near.x - 24, 48] : [box.left, box.right - box.left];
    const [top, height] = coarse && near.y !== undefined ? [near.y - 24, 48] : [box.top, box.bottom - box.top];
    return svg("rect", { class: "handle", "data-handle": name, x: left, y: top, width, height, fill: "transparent" });
  }

  /** Numbers in [0, 1), the same for the same seed (mulberry32). */
  function randomly(seed) {
    let at = seed >>> 0;
    return () => {
      at = (at + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(at ^ (at >>> 15), at | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
  }

  globalThis.explorables = { define, html, svg, rich, number, short, clamp, picture, label, ticks, axes, line, inside, mark, ends, bars, grip, randomly };
})();
