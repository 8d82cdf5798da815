// The one search box: hits while somebody types; arrows, Enter and Esc. Without this the box is the search page's form.
// w3.org/WAI/ARIA/apg/patterns/combobox
(() => {
  "use strict";
  const field = document.getElementById("finder");
  const form = field?.form;
  if (!form) return;
  const PAUSE = 200;

  const pop = document.createElement("div");
  pop.className = "palette";
  pop.hidden = true;
  pop.tabIndex = -1;
  const list = document.createElement("div");
  list.id = "palette";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", field.labels[0].textContent);
  const said = document.createElement("p");
  said.className = "psaid";
  said.setAttribute("role", "status");
  pop.append(list, said);
  form.append(pop);
  for (const [name, value] of Object.entries({
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "palette",
    "aria-autocomplete": "list",
  }))
    field.setAttribute(name, value);

  let asked = null;
  let timer = 0;
  // What stands under a text that was changed since is not chosen by keys: a fast typist would open somebody else.
  let stale = false;
  let waiting = false;
  const options = () => (stale ? [] : [...list.querySelectorAll("[role=option]")]);
  const chosen = () => list.querySelector("[aria-selected=true]");
  const choose = (option) => {
    chosen()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) field.setAttribute("aria-activedescendant", option.id);
    else field.removeAttribute("aria-activedescendant");
  };
  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    pop.hidden = true;
    stale = waiting = false;
    field.setAttribute("aria-expanded", "false");
    choose(null);
  };
  const ask = async () => {
    asked?.abort();
    const mine = (asked = new AbortController());
    const query = new URLSearchParams({ q: field.value, patient: form.elements.patient?.value ?? "" });
    let answer;
    try {
      answer = await fetch(`/workspace/palette?${query}`, { headers: { "hx-request": "true" }, signal: mine.signal });
      if (answer.redirected || !answer.ok) return close();
      list.innerHTML = await answer.text();
    } catch {
      return;
    }
    if (mine !== asked || mine.signal.aborted) return;
    stale = false;
    choose(null);
    said.textContent = list.querySelector("[data-said]")?.content.textContent ?? "";
    list.querySelector("[data-said]")?.remove();
    list.hidden = !options().length;
    pop.hidden = false;
    field.setAttribute("aria-expanded", String(!list.hidden));
    if (waiting) choose(options()[0]);
    waiting = false;
  };

  // Who only passes by with Tab is shown nothing; a click or the key (keys.js) opens it before anything is typed.
  for (const kind of ["click", "summon"]) field.addEventListener(kind, () => pop.hidden && ask());
  field.addEventListener("input", () => {
    choose(null);
    asked?.abort();
    stale = true;
    waiting = false;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (stale || pop.hidden) {
        waiting = true;
        if (!stale) ask();
        return;
      }
      if (!all.length) return;
      const by = event.key === "ArrowDown" ? 1 : -1;
      choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
    } else if (event.key === "Enter" && !pop.hidden && at >= 0) {
      event.preventDefault();
      go(all[at]);
    } else if (event.key === "Escape" && !pop.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });
  const go = (option) => {
    close();
    location.assign(option.dataset.href);
  };
  pop.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) go(option);
  });
  field.addEventListener("blur", close);
})();
