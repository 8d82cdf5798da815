// Keys of the workspace. Which there are, and what each means, stands in workspace/shortcuts.py; a page marks what a key
// acts on by `data-key`. Single keys work outside fields only and can be switched off.
(() => {
  "use strict";
  const OFF = "samjournal-keys-off";
  const isOff = () => localStorage.getItem(OFF) === "1";
  const panels = () => [...document.querySelectorAll("details.act[open]")];
  const isShown = (element) => element.checkVisibility() && !element.closest("[inert]");

  const open = (details) => {
    for (const other of panels()) if (other !== details) other.open = false;
    details.open = true;
    details.querySelector("input:not([type=hidden], [type=radio]), textarea")?.focus();
  };
  const close = () => {
    const details = panels().at(-1);
    if (!details) return false;
    details.open = false;
    details.querySelector("summary").focus();
    return true;
  };

  // What carries the key: in the row that has the keyboard first, then in an open dialog, then on the page.
  const carrier = (key) => {
    const selector = `[data-key="${CSS.escape(key)}"]`;
    const places = [document.activeElement?.closest("[data-row]"), document.querySelector("dialog[open]"), document];
    for (const place of places) {
      const found = [...(place?.querySelectorAll(selector) ?? [])].find((one) => isShown(one) && !one.disabled);
      if (found) return found;
      if (place?.matches?.("dialog")) return null;
    }
    return null;
  };
  const act = (element) => {
    if (element.matches("input:not([type=checkbox], [type=radio], [type=submit]), textarea, select")) {
      element.focus();
      element.select?.();
      element.dispatchEvent(new CustomEvent("summon"));
    } else if (element.matches("summary")) open(element.parentElement);
    else if (element.dataset.dialog) show(element);
    else {
      const field = element.getAttribute("href")?.match(/^#(.+)/);
      if (field) document.getElementById(field[1])?.focus();
      else element.click();
    }
  };

  // J and K go from row to row.
  const step = (by) => {
    const rows = [...document.querySelectorAll("[data-row]")].filter(isShown);
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    (next.matches("a, button, [tabindex]") ? next : next.querySelector("a, button, summary, [tabindex]"))?.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const rows = { j: 1, k: -1 };

  // The keys as a dialog: those of this page stand out.
  const show = async (element) => {
    let dialog = document.getElementById("keys");
    if (!dialog) {
      let answer;
      try {
        answer = await fetch(element.href, { headers: { "hx-request": "true" } });
      } catch {
        answer = { ok: false };
      }
      if (!answer.ok || document.getElementById("keys")) return void element.click();
      dialog = document.createElement("dialog");
      dialog.id = "keys";
      dialog.className = "keysdialog";
      dialog.setAttribute("aria-labelledby", "keys-heading");
      dialog.innerHTML = `<h2 id="keys-heading"></h2>${await answer.text()}<form method="dialog"><button class="ds-button" data-variant="secondary" autofocus></button></form>`;
      dialog.querySelector("h2").textContent = element.dataset.dialog;
      dialog.querySelector("button").textContent = element.dataset.close;
      document.body.append(dialog);
      switches(dialog);
    }
    for (const told of dialog.querySelectorAll("[data-told]")) {
      const key = told.dataset.told;
      const here = key in rows ? document.querySelector("[data-row]") : carrier(key) || key === "escape" || key === "enter";
      told.classList.toggle("elsewhere", !here);
    }
    dialog.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = event.key.toLowerCase();
    if (key === "escape") {
      if (!document.querySelector("dialog[open]") && close()) event.preventDefault();
      return;
    }
    const inField = event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
    const chord = event.ctrlKey || event.metaKey;
    if (event.altKey || event.key === "Enter" || (!chord && (isOff() || inField))) return;
    if (key.startsWith("arrow") && event.target.matches?.("[data-scrolls], summary")) return; // They scroll what scrolls.
    if (event.repeat && !(key in rows)) return; // A key that is held signs or acknowledges once.
    const element = carrier(chord ? `ctrl+${key}` : key);
    if (element) {
      event.preventDefault();
      act(element);
    } else if (!chord && key in rows && step(rows[key])) event.preventDefault();
  });

  // A panel that is opened by mouse takes the place of the other one.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (!target.matches?.("details.act") || !target.open) return;
      for (const other of panels()) if (other !== target) other.open = false;
    },
    true,
  );

  // A link to a panel opens it.
  const arrive = () => {
    const details = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (details && details.matches("details.act")) open(details);
  };
  addEventListener("hashchange", arrive);
  arrive();

  // What was refused is where the keyboard is.
  if (document.activeElement === document.body && !document.querySelector("[autofocus]:not(dialog *)"))
    document.querySelector('main [aria-invalid="true"]')?.focus();

  // A long note is not lost by a wrong click.
  let sending = false;
  document.addEventListener("submit", () => (sending = true));
  addEventListener("beforeunload", (event) => {
    const texts = [...document.querySelectorAll("textarea[name=text]")];
    const lost = texts.some((text) => text.value.trim() && text.value !== text.defaultValue);
    if (!sending && lost) event.preventDefault();
  });

  // A slash or a space goes on to the field that follows: 120/80. They are no part of a number.
  document.addEventListener("keydown", (event) => {
    const next = event.target.dataset?.then;
    if (!next || !["/", " "].includes(event.key)) return;
    event.preventDefault();
    const field = document.getElementById(next);
    field?.focus();
    field?.select();
  });

  const switches = (place) => {
    for (const box of place.querySelectorAll("[data-keys-off]")) {
      box.checked = isOff();
      box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
    }
  };
  switches(document);
})();
