// Marks the words of `?h=` in the page that a search result led to.
(() => {
  const wanted = new URLSearchParams(location.search).get("h")?.split(/\s+/).filter(Boolean).slice(0, 12) ?? [];
  const content = document.querySelector("#content");
  if (!wanted.length || !content) return;
  const escaped = wanted
    .sort((a, b) => b.length - a.length)
    // A Latin word is marked where a word begins, not inside another one.
    .map((one) => (/^\w/.test(one) ? "(?<![A-Za-z0-9])" : "") + one.replace(/[|\\{}()[\]^$+*?.]/g, "\\$&"));
  const pattern = new RegExp(escaped.join("|"), "gi");
  const walker = document.createTreeWalker(content, NodeFilter.SHOW_TEXT, (node) =>
    node.parentElement.closest(".katex, svg, script, style, button, mark") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    const text = node.data;
    let at = 0;
    const pieces = [];
    for (const found of text.matchAll(pattern)) {
      const mark = document.createElement("mark");
      mark.setAttribute("data-md-highlight", "");
      mark.textContent = found[0];
      pieces.push(text.slice(at, found.index), mark);
      at = found.index + found[0].length;
    }
    if (pieces.length) node.replaceWith(...pieces, text.slice(at));
  }
})();
