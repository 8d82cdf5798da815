// Ends an open page when its session does: says so two minutes before, lets one stay, keeps what was written, and then
// takes the page away. Nothing here decides anything: the server does, and is asked before.
(() => {
  "use strict";
  const dialog = document.getElementById("session-ends");
  if (!dialog) return;
  // A shared PC locks, and is open again in seconds: it does not ask before.
  const locks = dialog.hasAttribute("data-locks");
  const WARN = locks ? 5 : 120;
  const MARGIN = 3; // seconds before the end in which what was written is still taken
  const EVERY = 60; // seconds: how often use is told to the server
  const channel = new BroadcastChannel("samjournal-session");
  let ends = 0;
  let over = 0;
  let timer = 0;
  let told = Date.now();
  let gone = false;

  const left = () => Math.round((Math.min(ends, over) - Date.now()) / 1000);
  const set = ({ left, whole }) => {
    ends = Date.now() + left * 1000;
    over = Date.now() + whole * 1000;
    if (left > WARN && dialog.open) dialog.close();
    wake();
  };
  const wake = () => {
    clearTimeout(timer);
    const wait = left() > WARN ? left() - WARN : dialog.open ? 1 : 0;
    timer = setTimeout(look, Math.min(wait, 3600) * 1000);
  };
  const ask = async (address, how) => {
    let answer;
    try {
      answer = await fetch(address, { ...how, headers: { accept: "application/json" } });
    } catch {
      return null; // The net is gone: what is shown stays until the time is out.
    }
    if (answer.status === 401) return { left: 0, whole: 0 };
    return answer.ok ? answer.json() : null;
  };

  const words = (seconds) => {
    const said = dialog.dataset;
    const minutes = Math.ceil(seconds / 60);
    if (seconds < 60) return said.seconds.replace("…", Math.max(seconds, 0));
    return minutes === 1 ? said.minute : said.minutes.replace("…", minutes);
  };
  const texts = [...dialog.querySelectorAll("[data-unused], [data-old]")].map((each) => [each, each.textContent]);
  const warn = () => {
    const isOld = over <= ends;
    for (const [each, text] of texts) {
      each.textContent = text.replace("…", words(left()));
      each.hidden = each.hasAttribute("data-old") !== isOld;
    }
    dialog.querySelector("[data-stay]").hidden = isOld;
    dialog.querySelector("[data-again]").hidden = !isOld;
    if (!dialog.open) dialog.showModal();
  };

  // One look: another page may have been used meanwhile, so the server is asked before anything is said.
  const look = async () => {
    if (gone) return;
    if (!dialog.open) {
      const now = await ask("/session/left");
      if (now && now.left > WARN) return set(now);
      if (now && now.left <= 0) return end();
      if (now) {
        ends = Date.now() + now.left * 1000;
        over = Date.now() + now.whole * 1000;
      }
    }
    if (locks || left() <= MARGIN) return end();
    warn();
    wake();
  };
  const stay = async () => {
    told = Date.now();
    const now = await ask("/session/stay", { method: "POST" });
    if (!now) return;
    if (now.left <= 0) return end();
    set(now);
    channel.postMessage(now);
  };
  dialog.querySelector("[data-stay]").addEventListener("click", stay);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    stay();
  });

  // --- what was written ----------------------------------------------------------------------------------------
  // A form with a draft of its own saves itself (`leaving`). Of the others the one that was written in last is kept.
  let written = null;
  document.addEventListener("input", ({ target }) => {
    const form = target.form;
    if (form && form.method === "post" && !form.hasAttribute("data-saved")) written = form;
  });
  document.addEventListener("submit", ({ target }) => target === written && (written = null));
  const keep = async () => {
    let next = dialog.dataset.here;
    const seal = async (address, body) => {
      const action = new URL(address, location.href);
      const to = encodeURIComponent(action.pathname + action.search);
      const answer = await fetch(`/session/keep?to=${to}`, { method: "POST", body });
      if (answer.ok) next = "/signin/kept";
    };
    const waits = [];
    const wait = (draft, address, body) => waits.push(draft.then((saved) => saved || seal(address, body)));
    dispatchEvent(new CustomEvent("leaving", { detail: { wait, back: (place) => (next = place) } }));
    if (written && written.enctype !== "multipart/form-data")
      waits.push(seal(written.action, new URLSearchParams(new FormData(written))));
    // What stands on the page goes at once; what was read out of it above is on its way.
    document.body.replaceChildren();
    await Promise.allSettled(waits);
    return next;
  };

  const end = async ({ told = false, after = "" } = {}) => {
    if (gone) return;
    gone = true;
    clearTimeout(timer);
    if (locks && !told && !after) channel.postMessage("lock");
    const next = await keep();
    if (after) return location.replace(after);
    if (!locks) return location.replace(`/signin?next=${encodeURIComponent(next)}`);
    // The page that was looked at is the one to come back to, not another tab's.
    const body = new URLSearchParams({ place: told ? "" : next });
    await fetch("/lock", { method: "POST", body, redirect: "manual" }).catch(() => {});
    location.replace("/lock");
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-lock]")) return;
    event.preventDefault();
    end();
  });

  // --- what others tell ----------------------------------------------------------------------------------------
  channel.onmessage = ({ data }) => (data === "lock" ? end({ told: true }) : data === "ended" ? check() : set(data));
  const check = async () => {
    const now = await ask("/session/left");
    // Who is still signed in when his stream has ended, has not the role any more that the page was opened in.
    if (now) end({ after: now.left > 0 ? "/ended" : "" });
  };
  addEventListener("session-ended", () => {
    channel.postMessage("ended");
    check();
  });
  document.addEventListener("visibilitychange", () => !document.hidden && left() <= WARN && look());
  // A page that comes back out of the browser's memory was another session's, perhaps.
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    document.body.replaceChildren();
    location.reload();
  });
  // Who reads and scrolls is there too.
  const used = () => !gone && !dialog.open && Date.now() - told > EVERY * 1000 && stay();
  for (const sign of ["pointerdown", "keydown", "wheel", "touchmove"])
    addEventListener(sign, used, { passive: true, capture: true });

  set({ left: Number(dialog.dataset.left), whole: Number(dialog.dataset.whole) });
})();
