// Fills in a standard phrase when its shortcut is followed by a space, a line or a tap in the list. What cannot be
// fetched stays as typed, and is filled in by the server when the note is saved.
(() => {
  "use strict";
  const form = document.getElementById("note-form");
  const list = document.getElementById("phrases");
  if (!form || !list) return;
  const known = new Set([...list.querySelectorAll("[data-phrase]")].map((each) => each.dataset.phrase));
  const state = document.getElementById("phrase-state");
  const TYPED = /(^|[^\p{L}\p{N}_.])(\.[a-zæøå][a-zæøå0-9-]{0,23})[ \n]$/iu;
  const TEXT = "textarea[name=text]";
  let last = form.querySelector(TEXT);

  async function fetched(name) {
    const address = `${list.dataset.from}?name=${encodeURIComponent(name.slice(1))}`;
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    return (await answer.json()).text;
  }

  // The text may have grown while the answer was on its way: the shortcut is looked for where it was typed, then anew.
  function put(area, name, at, text) {
    let from = area.value.slice(at, at + name.length) === name ? at : area.value.indexOf(name);
    if (from < 0) return;
    const after = area.value[from + name.length];
    if (after && /[\p{L}\p{N}_-]/u.test(after)) return;
    area.setRangeText(text, from, from + name.length, "preserve");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function expand(area, name, at) {
    try {
      put(area, name, at, await fetched(name.toLowerCase()));
      state.textContent = "";
    } catch {
      state.textContent = list.dataset.lost.replace("{name}", name);
    }
  }

  form.addEventListener("input", ({ target, isTrusted }) => {
    if (!isTrusted || !target.matches(TEXT)) return;
    const upto = target.value.slice(0, target.selectionEnd);
    const found = TYPED.exec(upto);
    if (found && known.has(found[2].toLowerCase())) expand(target, found[2], upto.length - found[2].length - 1);
  });
  form.addEventListener("focusin", ({ target }) => {
    if (target.matches(TEXT)) last = target;
  });
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button[data-phrase]");
    if (!button) return;
    const at = last.selectionStart;
    const before = last.value.slice(0, at);
    const name = button.dataset.phrase;
    const gap = before && !/\s$/.test(before) ? " " : "";
    last.setRangeText(`${gap}${name} `, at, last.selectionEnd, "end");
    last.focus();
    expand(last, name, at + gap.length);
  });
  for (const button of list.querySelectorAll("button[data-phrase]")) button.disabled = false;
})();
