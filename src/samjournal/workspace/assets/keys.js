// Keys of the workspace. One meaning for each; single keys work outside fields only and can be switched off.
(() => {
  "use strict";
  const OFF = "samjournal-keys-off";
  const isOff = () => localStorage.getItem(OFF) === "1";
  const panels = () => [...document.querySelectorAll("details.act[open]")];

  const open = (id) => {
    const details = document.getElementById(id);
    if (!details) return;
    for (const other of panels()) if (other !== details) other.open = false;
    details.open = true;
    details.querySelector("input:not([type=hidden], [type=radio]), textarea")?.focus();
  };
  const measure = () => {
    const field = document.getElementById("first-systolic");
    if (field) field.focus();
    else open("new-measurement");
  };
  const close = () => {
    const details = panels().at(-1);
    if (!details) return false;
    details.open = false;
    details.querySelector("summary").focus();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && close()) {
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      const finder = document.getElementById("finder");
      if (finder) {
        event.preventDefault();
        finder.focus();
        finder.select();
      }
      return;
    }
    const inField = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (isOff() || inField || event.ctrlKey || event.metaKey || event.altKey) return;
    const does = {
      n: () => open("new-note"),
      m: () => measure(),
      "?": () => location.assign("/workspace/help"),
    }[event.key.toLowerCase()];
    if (does) {
      event.preventDefault();
      does();
    }
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

  // A long note is not lost by a wrong click.
  let sending = false;
  document.addEventListener("submit", () => (sending = true));
  addEventListener("beforeunload", (event) => {
    const text = document.querySelector("textarea[name=text]");
    if (!sending && text && text.value.trim() && text.value !== text.defaultValue) event.preventDefault();
  });

  const box = document.getElementById("keys-off");
  if (box) {
    box.checked = isOff();
    box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
  }
})();
