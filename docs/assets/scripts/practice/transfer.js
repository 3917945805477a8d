// Progress as a file: export, import, reset, and what had to be set aside.
(() => {
  "use strict";

  const { text } = guidePractice;
  const find = (selector) => document.querySelector(`.practice ${selector}`);
  const note = find("[data-transfer-note]");
  const dialog = find("[data-reset-dialog]");

  function exportAll() {
    const now = new Date();
    const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
    const file = `study-guide.${day}.json`;
    studyGuide.download(file, `${JSON.stringify(studyGuide.read(), null, 1)}\n`);
    note.textContent = text("export_done", { file });
  }

  for (const button of document.querySelectorAll(".practice [data-export]")) button.addEventListener("click", exportAll);

  find("[data-import]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const added = studyGuide.include(await file.text());
    note.textContent = added === null ? text("import_failed") : text("import_done", { n: added });
    event.target.value = ""; // the same file can be chosen again
  });

  find("[data-reset]").addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("close", () => {
    if (dialog.returnValue !== "reset") return;
    studyGuide.reset();
    note.textContent = text("reset_done");
    dialog.returnValue = "";
  });

  const kept = find("[data-aside-kept]");
  const showKept = () => (kept.hidden = studyGuide.aside().length === 0);
  find("[data-aside-again]").addEventListener("click", () => {
    for (const one of studyGuide.aside()) studyGuide.download(document.querySelector("[data-aside-notice]").dataset.file, one.text);
  });
  find("[data-aside-delete]").addEventListener("click", () => {
    studyGuide.keepAside([]);
    showKept();
  });
  addEventListener("study-guide:change", showKept);
  showKept();
})();
