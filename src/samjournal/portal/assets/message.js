// What is written in a message is saved as a draft by itself: a while after the last key, and when the page is left.
(() => {
  "use strict";
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const told = form.querySelector("[data-saved]");
  let waiting = 0;
  let saved = text();
  let sending = false;

  function text() {
    return ["words", "topic"].map((name) => form.elements[name]?.value ?? "").join("\n");
  }
  async function save(leaving = false) {
    clearTimeout(waiting);
    const now = text();
    if (sending || now === saved || !now.trim()) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && name !== "act") body.set(name, value);
    body.set("act", "draft");
    try {
      const answer = await fetch(form.action, { method: "POST", body, keepalive: leaving, headers: { accept: "application/json" } });
      if (!answer.ok) return;
      saved = now;
      const { version } = await answer.json();
      form.elements.version_of.value = version;
      told.textContent = told.dataset.words;
    } catch {
      // Without a net it stays on the page, and is saved with the next key.
    }
  }
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    told.textContent = "";
    waiting = setTimeout(save, 1500);
  });
  // What was not sent, for want of a net, is written on, and saved when the net is back.
  addEventListener("submit", (event) => (sending = !event.defaultPrevented));
  for (const name of ["unsent", "online"]) addEventListener(name, () => (sending = false) || save());
  addEventListener("pagehide", () => save(true));
  addEventListener("pageshow", () => (sending = false));
})();
