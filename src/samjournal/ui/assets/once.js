// A form is sent once: the second click of a double click is not a second note, block or proposal.
(() => {
  "use strict";
  // Who stopped the browser while it was sending, and is still on the page, can send again after this long.
  const WAIT = 10000;
  let sent = new WeakMap();
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.method !== "post") return;
    if (event.timeStamp - (sent.get(event.target) ?? -WAIT) < WAIT) event.preventDefault();
    else sent.set(event.target, event.timeStamp);
  });
  // A page that comes back out of the browser's memory can be sent again.
  addEventListener("pageshow", () => (sent = new WeakMap()));
  // So can what did not get out, as the portal tells when the net is gone.
  addEventListener("unsent", () => (sent = new WeakMap()));
})();
