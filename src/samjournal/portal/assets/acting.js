// An open page about somebody else closes when the right to act for that person ends, or when another tab has
// changed whom one acts for. It asks when the record tells of a change, when the page is looked at again, and at midnight.
(() => {
  "use strict";
  const band = document.querySelector("[data-acts-for]");
  if (!band) return;
  const ENDED = "/portal/acting/ended";
  const close = (why) => {
    document.querySelector("main").hidden = true;
    location.replace(why ? ENDED + "?why=" + why : ENDED);
  };
  const ask = async () => {
    let answer;
    try {
      answer = await fetch("/portal/acting?for=" + encodeURIComponent(band.dataset.actsFor), { cache: "no-store" });
    } catch {
      return; // Without a net nothing new is shown, and the server asks again at the next request.
    }
    if (answer.status === 409) close("changed");
    else if (answer.status === 401 || answer.status === 403) close("");
  };
  band.addEventListener("live", ask);
  addEventListener("pageshow", ({ persisted }) => persisted && ask());
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && ask());
  setTimeout(ask, 1000 * Number(band.dataset.midnight));
})();
