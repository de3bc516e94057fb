// select2 puts fields of its own in the place of a list, and gives them no name. Who
// hears the page instead of seeing it is told the list's label.
(() => {
  "use strict";

  const labelOf = (list) => {
    const label = list.id && document.querySelector(`label[for="${CSS.escape(list.id)}"]`);
    return (label ? label.textContent : list.getAttribute("aria-label") || list.name || "Choose").trim();
  };

  const name = (shown) => {
    const list = shown.previousElementSibling;
    if (!(list instanceof HTMLSelectElement)) return;
    const text = labelOf(list);
    for (const part of shown.querySelectorAll(".select2-selection, .select2-search__field, [role='textbox']")) {
      part.removeAttribute("aria-labelledby");
      part.setAttribute("aria-label", text);
    }
  };

  const nameIn = (node) => {
    if (!(node instanceof Element)) return;
    if (node.matches(".select2-container")) name(node);
    const around = node.closest(".select2-container");
    if (around) name(around);
    node.querySelectorAll(".select2-container").forEach(name);
  };

  document.addEventListener("DOMContentLoaded", () => {
    nameIn(document.body);
    new MutationObserver((changes) =>
      changes.forEach((change) => change.addedNodes.forEach(nameIn)),
    ).observe(document.body, { childList: true, subtree: true });
  });
})();

// The search opens what it has found first, without an arrow key; and who types and
// presses Enter before the answer is there gets it as soon as it comes.
(() => {
  "use strict";

  let waits = false;

  const opened = (field) => {
    const found = document.getElementById("command-results-list");
    if (!found || found.dataset.term !== field.value.trim()) return false;
    const link = (found.querySelector("li.active") || found).querySelector("a");
    if (link) link.click();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.target.id !== "search-input-command") return;
    waits = false;
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waits = event.target.value.trim() !== "" && !opened(event.target);
  }, true);

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!waits || event.target.id !== "command-results") return;
    waits = !opened(document.getElementById("search-input-command"));
  });
})();
