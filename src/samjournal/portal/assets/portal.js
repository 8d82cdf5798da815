// The portal as an app: it is installed by the browser, and says when the net is gone. Everything works without this.
//
// Without net the open page stays, with what was written; links and forms that need the net say so instead of leaving
// it. What was written is kept on the page alone, never on the phone, where another could read it.
(() => {
  "use strict";
  const told = document.querySelector("[data-net]");
  const offline = document.querySelector("[data-offline]");
  const language = document.documentElement.lang;
  let since = null;
  let sending = false;

  const clock = (at) => {
    const said = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Oslo" });
    return language === "en" ? said : said.replace(":", ".");
  };
  const say = (words) => {
    if (told) told.textContent = words ? told.dataset[words].replace("{clock}", clock(since ?? new Date())) : "";
  };

  // --- the worker, and what it must know: the language, and when the net was there last --------------------------
  const mark = () =>
    caches
      .open("samjournal-last")
      .then((cache) => cache.put("/portal/last", new Response(JSON.stringify({ language, at: Date.now() }))))
      .catch(() => {});
  if ("serviceWorker" in navigator && window.isSecureContext) {
    addEventListener("load", () => {
      navigator.serviceWorker.register("/portal/worker.js", { scope: "/portal" }).catch(() => {});
      if (!offline) mark();
    });
    navigator.serviceWorker.addEventListener("message", ({ data }) => {
      if (data.type !== "unsent" || !sending) return;
      sending = false;
      since ??= new Date();
      dispatchEvent(new Event("unsent"));
      say("lost");
    });
  }

  // --- a page that was opened with net ---------------------------------------------------------------------------
  const written = () =>
    [...document.querySelectorAll("main input, main textarea")].some(
      (field) => field.type !== "hidden" && field.value !== field.defaultValue,
    );
  if (!offline) {
    addEventListener("offline", () => {
      since = new Date();
      say("gone");
    });
    addEventListener("online", () => {
      since = null;
      say("back");
      mark();
    });
    document.addEventListener("click", (event) => {
      const link = event.target.closest?.("a[href]");
      if (navigator.onLine || !link || link.origin !== location.origin) return;
      if (link.hash && link.pathname === location.pathname) return;
      event.preventDefault();
      say("needs");
    });
    document.addEventListener(
      "submit",
      (event) => {
        sending = navigator.onLine;
        if (sending) return;
        event.preventDefault();
        say("unsent");
      },
      true,
    );
    addEventListener("beforeunload", (event) => {
      if (!navigator.onLine && written()) event.preventDefault();
    });
    // Who has signed out is not shown what stood there by the way back.
    addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
  }

  // --- the page without net --------------------------------------------------------------------------------------
  if (offline) {
    caches
      .match("/portal/last", { cacheName: "samjournal-last" })
      .then((last) => last?.json())
      .then((last) => {
        if (!last) return;
        const at = new Date(last.at);
        const day = at.toLocaleDateString("nb", { day: "2-digit", month: "2-digit", timeZone: "Europe/Oslo" });
        offline.textContent = offline.dataset.since.replace("{clock}", clock(at)).replace("{day}", day);
      })
      .catch(() => {});
    // It stands at the address of the page that was asked for, and goes on by itself: when the browser says so, when
    // somebody looks at it, and now and then.
    if (location.pathname === "/portal/offline") return;
    let wait = 1000;
    const again = () => fetch("/health/live", { cache: "no-store" }).then(({ ok }) => ok && location.reload(), () => {});
    const later = () =>
      setTimeout(() => {
        wait = Math.min(wait * 2, 120000);
        if (!document.hidden) again();
        later();
      }, wait);
    addEventListener("online", again);
    document.addEventListener("visibilitychange", () => !document.hidden && again());
    later();
  }
})();
