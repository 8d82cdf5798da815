// While a file is being made, the page says so: from a second after it was asked for until it is on its way, which the
// answer says by a cookie with a word that this page chose. Without this the browser's own list of downloads tells it.
(() => {
  "use strict";
  const told = document.querySelector("[data-making]");
  const arrived = (word) => document.cookie.split("; ").some((cookie) => cookie.replace(/^__Host-/, "") === `ready=${word}`);
  for (const link of document.querySelectorAll("a[data-file]")) {
    link.addEventListener("click", () => {
      const word = Math.random().toString(36).slice(2, 12) || "a";
      const address = new URL(link.href);
      address.searchParams.set("ready", word);
      link.href = address.href;
      const begun = Date.now();
      const look = setInterval(() => {
        const over = arrived(word) || Date.now() - begun > 120000;
        told.hidden = over || Date.now() - begun < 1000;
        if (over) clearInterval(look);
      }, 200);
    });
  }
})();
