// Lets the browser make or show a passkey, and sends its answer with the form. w3.org/TR/webauthn-3
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=/g, "");

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const told = form.querySelector("[data-passkey-failed]");
    if (!("PublicKeyCredential" in window)) {
      told.hidden = false;
      continue;
    }
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      told.hidden = true;
      try {
        const asked = await fetch(form.dataset.passkey, { method: "POST", body: new URLSearchParams(new FormData(form)) });
        const options = await asked.json();
        options.challenge = bytes(options.challenge);
        for (const each of options.allowCredentials ?? options.excludeCredentials ?? []) each.id = bytes(each.id);
        let made;
        if (options.user) {
          options.user.id = bytes(options.user.id);
          made = await navigator.credentials.create({ publicKey: options });
        } else made = await navigator.credentials.get({ publicKey: options });
        const response = {};
        for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
          if (made.response[name]) response[name] = text(made.response[name]);
        const answer = { id: made.id, rawId: text(made.rawId), type: made.type, response };
        form.elements.answer.value = JSON.stringify(answer);
        form.submit();
      } catch {
        told.hidden = false; // He said no, or the phone could not: he may try again.
      }
    });
  }
})();
