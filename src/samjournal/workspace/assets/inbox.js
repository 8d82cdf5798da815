// The inbox: what is opened by a key is written in at once, and the item that is open is seen in the list.
(() => {
  "use strict";
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
