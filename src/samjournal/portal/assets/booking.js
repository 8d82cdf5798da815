// A phone that loses its net while it books: the page says that it does not know, asks when the net is back, and either
// goes to the appointment or says that none was made. The form has a key of its own, so sending it again books once.
(() => {
  "use strict";
  const form = document.querySelector("form[data-booking]");
  if (!form || !window.fetch) return;
  const [lost, not] = ["[data-lost]", "[data-not]"].map((part) => form.querySelector(part));
  const button = form.querySelector("button[type=submit]");
  const AGAIN = 5000;

  const say = (what) => {
    lost.hidden = what !== lost;
    not.hidden = what !== not;
    button.disabled = what === lost;
  };
  const ask = async () => {
    if (lost.hidden) return;
    try {
      const answer = await fetch("/portal/book/told?once=" + encodeURIComponent(form.once.value), { cache: "no-store" });
      if (!answer.ok && answer.status !== 401) throw new Error();
      const { address } = await answer.json();
      if (address) location.assign(address);
      else say(not);
    } catch {
      setTimeout(ask, AGAIN);
    }
  };
  addEventListener("online", ask);

  form.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return; // Without a net nothing is sent: portal.js has said so.
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    } catch {
      say(lost);
      setTimeout(ask, AGAIN);
      return;
    }
    if (answer.redirected) {
      location.assign(answer.url);
      return;
    }
    // The time was taken, or the form is about another: the page that says so.
    const page = await answer.text();
    document.open();
    document.write(page);
    document.close();
  });
})();
