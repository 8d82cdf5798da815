// A form is sent once: the second click of a double click is not a second note, block or proposal.
(() => {
  "use strict";
  let sent = new WeakSet();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (sent.has(event.target)) event.preventDefault();
    sent.add(event.target);
  });
  // A page that comes back out of the browser's memory can be sent again.
  addEventListener("pageshow", () => (sent = new WeakSet()));
})();
