// Finding one's way: the part in view, the language link that keeps one's place, the drawer below 1220 px.
// A classic script without imports, for the same reason as progress.js.
(() => {
  "use strict";

  /* The part in view ------------------------------------------------------------------------------------------ */

  // A heading has been reached when it stands in the upper third of the window.
  const reached = (heading) => heading.getBoundingClientRect().top < innerHeight * 0.33;
  const links = [...document.querySelectorAll("[data-parts] a")];
  const parts = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);

  function showPart() {
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2 && scrollY > 0;
    const current = (atEnd ? parts.at(-1) : parts.findLast(reached)) ?? parts[0];
    for (const link of links) {
      if (link.hash === `#${current.id}`) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }
  if (parts.length) {
    const observer = new IntersectionObserver(showPart, { rootMargin: "0px 0px -67% 0px" });
    for (const part of parts) observer.observe(part);
    addEventListener("scrollend", showPart);
  }

  // The rail scrolls by itself; the current question should not hide below its edge.
  const rail = document.getElementById("rail");
  const here = rail?.querySelector(".here");
  function showHere() {
    if (here && here.offsetTop + here.offsetHeight > rail.clientHeight) rail.scrollTop = here.offsetTop - rail.clientHeight / 3;
  }
  showHere();

  /* The other language, same place ---------------------------------------------------------------------------- */

  /** What the address names: an element by its id, or an explorable, `#sampling?temperature=2`. */
  function named() {
    const [name, state] = location.hash.slice(1).split("?");
    if (state !== undefined && /^[a-z-]+$/.test(name)) return document.querySelector(`explorable-${name}`);
    try {
      return document.getElementById(decodeURIComponent(location.hash.slice(1)));
    } catch {
      return null; // a % without its digits
    }
  }

  // The address's section while it is in sight, or else the last heading that has been reached: ids are the same in both languages.
  function place() {
    const target = named();
    if (target) {
      const box = target.getBoundingClientRect();
      if (box.bottom > 0 && box.top < innerHeight) return location.hash;
    }
    if (scrollY < 200) return "";
    const headings = [...document.querySelectorAll("#content :is(h2, h3)[id], .short[id]")];
    const last = headings.findLast(reached);
    return last ? `#${last.id}` : "";
  }
  for (const link of document.querySelectorAll("[data-language-link]")) {
    const address = link.getAttribute("href");
    const update = () => {
      // What the page of all questions is filtered by holds in the other language, too.
      link.setAttribute("href", address + location.search + place());
    };
    for (const event of ["pointerdown", "focus", "pointerenter", "click"]) link.addEventListener(event, update);
  }

  /* A report of a mistake names the section that is being read ------------------------------------------------- */

  for (const link of document.querySelectorAll("[data-report]")) {
    const address = link.getAttribute("href");
    const update = () => {
      const heading = document.getElementById(place().slice(1));
      const section = heading?.querySelector("h2") ?? heading;
      const title = [...(section?.childNodes ?? [])].find((node) => node.nodeType === Node.TEXT_NODE)?.data.trim();
      link.setAttribute("href", title ? `${address}&section=${encodeURIComponent(title)}` : address);
    };
    for (const event of ["pointerdown", "focus", "click"]) link.addEventListener(event, update);
  }

  /* Buttons over labels --------------------------------------------------------------------------------------- */

  // Material's toggles are checkboxes with labels; a button lies over each and passes clicks on to it.
  for (const button of document.querySelectorAll("label > [role=button]")) {
    button.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      button.click();
    });
  }

  /* The drawer ------------------------------------------------------------------------------------------------ */

  const drawer = document.getElementById("__drawer");
  const menu = document.querySelector(".menu > [role=button]");
  if (!drawer || !menu || !rail) return;
  const isDrawer = () => getComputedStyle(rail).position === "fixed";
  const close = (focus) => {
    if (!drawer.checked) return;
    drawer.checked = false;
    menu.setAttribute("aria-expanded", "false");
    if (focus) menu.focus();
  };
  drawer.addEventListener("change", () => {
    menu.setAttribute("aria-expanded", String(drawer.checked));
    if (!drawer.checked) return menu.focus({ preventScroll: true });
    showHere();
    rail.querySelector("[role=button], a")?.focus({ preventScroll: true });
  });
  addEventListener("hashchange", () => menu.setAttribute("aria-expanded", "false"));
  rail.addEventListener("click", (event) => event.target.closest("a") && close(false));
  rail.addEventListener("keydown", (event) => event.key === "Escape" && isDrawer() && close(true));
  // Focus never wanders behind the open drawer: it closes instead.
  rail.addEventListener("focusout", (event) => {
    if (isDrawer() && event.relatedTarget && !rail.contains(event.relatedTarget)) close(false);
  });
})();
