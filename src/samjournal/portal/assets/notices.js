// The button that lets this browser show notices: where the browser can, and a service worker is there.
(async () => {
  const form = document.getElementById("this-browser");
  if (!form || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const registration = await navigator.serviceWorker.getRegistration("/portal");
  if (!registration) return;
  form.hidden = false;
  const coded = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "");
  const key = Uint8Array.from(atob(form.dataset.key.replaceAll("-", "+").replaceAll("_", "/")), (one) =>
    one.charCodeAt(0),
  );
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) return;
    event.preventDefault();
    try {
      const ready = await navigator.serviceWorker.ready;
      const found = await ready.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      form.elements.endpoint.value = found.endpoint;
      form.elements.p256dh.value = coded(found.getKey("p256dh"));
      form.elements.auth.value = coded(found.getKey("auth"));
      form.submit();
    } catch {
      document.getElementById("browser-said").textContent = form.dataset.no;
    }
  });
})();
