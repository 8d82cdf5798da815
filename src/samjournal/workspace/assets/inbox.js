// Keys of the inbox: a key clicks the element that carries it (`data-key`), outside fields, as everywhere.
(() => {
  "use strict";
  const isOff = () => localStorage.getItem("samjournal-keys-off") === "1";
  document.addEventListener("keydown", (event) => {
    // Whatever knows the keys of all pages comes first.
    if (event.defaultPrevented || isOff() || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const at = event.target;
    if (at.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === "Enter" && at.closest?.("a, button, summary")) return;
    const key = event.key.toLowerCase();
    const element = document.querySelector(`[data-key="${CSS.escape(key)}"]:not([disabled])`);
    if (!element || !element.getClientRects().length) return;
    event.preventDefault();
    element.click();
  });
  // What is opened by a key is written in at once.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches?.("details.act") && target.open) {
        target.querySelector("input:not([type=hidden]), select, textarea")?.focus();
      }
    },
    true,
  );
  document.querySelector("#inbox-list [aria-current=true]")?.scrollIntoView({ block: "nearest" });
})();
