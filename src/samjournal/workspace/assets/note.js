// Saves the draft of a note while it is written. What could not be saved is said, stays on the page, and is tried again.
(() => {
  "use strict";
  const form = document.getElementById("note-form");
  if (!form) return;
  const PAUSE = 1500; // after the last key
  const LONGEST = 5000; // while somebody types on
  const AGAIN = 4000; // after a failure
  const state = document.getElementById("note-state");
  const compare = document.getElementById("note-compare");
  // Diagnoses and tariffs may stand beside the form that they are sent with.
  const typed = () => [...form.elements].filter((each) => each.matches("textarea, input:not([type=hidden])"));
  const ours = (act) => (event) => event.target.form === form && act();
  const now = () => new URLSearchParams(new FormData(form)).toString();
  const worth = () => [...form.querySelectorAll("textarea")].some((each) => each.value.trim());
  // What was typed before this ran, or what the browser filled in again, is not saved yet.
  const touched = () => typed().some((each) => each.type !== "radio" && each.value !== each.defaultValue);
  let saved = touched() ? "" : now();
  let timer = 0;
  let since = 0;
  let flying = false;
  let stopped = false;
  let leaving = false;
  let flight = Promise.resolve();

  const say = (words, bad) => {
    state.textContent = words;
    state.classList.toggle("lostdraft", Boolean(bad));
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const save = () => (flight = flying ? flight : send(new URLSearchParams(new FormData(form))));
  // Who takes the page away waits for what was written; it is read now, while it stands there.
  addEventListener("leaving", ({ detail }) => {
    const taken = new URLSearchParams(new FormData(form));
    const draft = async () => {
      await flight;
      taken.set("version", form.elements.version.value);
      const done = await send(taken);
      stopped = true;
      return done;
    };
    detail.wait(draft(), form.action, taken);
    // Whoever comes back comes to this draft, also from a page that was for a new one.
    if (worth()) detail.back(`${location.pathname}?draft=${encodeURIComponent(form.elements.draft.value)}`);
  });

  async function send(sent) {
    clearTimeout(timer);
    if (sent.toString() === saved || (form.elements.version.value === "0" && !worth())) return true;
    if (flying || stopped || leaving) return false;
    flying = true;
    since = 0;
    const values = typed().map((each) => [each, each.value]);
    const was = sent.toString();
    sent.set("act", "draft");
    let again = 0;
    let done = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: sent,
        headers: { accept: "application/json" },
        keepalive: was.length < 60000,
      });
      const said = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
      if (answer.ok && said.version) {
        done = true;
        form.elements.version.value = said.version;
        saved = was.replace(/(^|&)version=\d+/, `$1version=${said.version}`);
        for (const [each, value] of values) if (each.type !== "radio") each.defaultValue = value;
        say(form.dataset.saved.replace("{at}", said.at));
      } else if (answer.status === 401 || answer.redirected) {
        say(form.dataset.out, true);
        again = AGAIN;
      } else if (said.problem in form.dataset && answer.status === 409) {
        stopped = true;
        say(form.dataset[said.problem], true);
        compare.hidden = said.problem !== "moved";
      } else if (answer.status >= 500) {
        say(form.dataset.lost, true);
        again = AGAIN;
      } else {
        stopped = true;
        say(form.dataset.refused, true);
      }
    } catch {
      say(form.dataset.lost, true);
      again = AGAIN;
    }
    flying = false;
    if (!stopped && (again || now() !== saved)) later(again || PAUSE);
    return done;
  }

  const written = () => {
    since ||= Date.now();
    later(Math.min(PAUSE, Math.max(0, since + LONGEST - Date.now())));
  };
  document.addEventListener("input", ours(written));
  document.addEventListener("change", ours(() => later(PAUSE)));
  form.addEventListener("submit", () => {
    leaving = true;
    clearTimeout(timer);
  });
  addEventListener("pageshow", () => (leaving = false));
  document.addEventListener("visibilitychange", () => document.hidden && save());
  document.addEventListener("focusout", ours(() => worth() && later(200)));
  if (!saved) later(PAUSE);
})();

// Keys while one writes: Escape leaves the field, so that S signs; Ctrl and Enter sign from within it.
(() => {
  "use strict";
  document.getElementById("note-form")?.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("textarea, input")) {
      event.target.blur();
      event.stopPropagation();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.querySelector("button[data-key=s]")?.click();
    }
  });
})();
