// Notices in the browser: the end of the portal's service worker (portal/installing.py puts the two together).
// What comes is {title, text, link, language, tag}: that there is something new, never what. One with the same tag takes
// the place of the one before. RFC 8030, w3.org/TR/push-api
self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    // Whatever it was, something is shown: browsers take the right away from who shows nothing.
  }
  const title = told.title || "Samjournal";
  event.waitUntil(
    self.registration.showNotification(title, {
      body: told.text || "",
      lang: told.language || "nb",
      tag: told.tag || "samjournal",
      renotify: true,
      data: { link: told.link || "/portal" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.link || "/portal", self.location.origin);
  // Never away from this server, whatever was said.
  const link = wanted.origin === self.location.origin ? wanted.href : self.location.origin;
  event.waitUntil(
    (async () => {
      const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
      const ours = open.find((one) => new URL(one.url).pathname.startsWith("/portal"));
      if (ours) {
        await ours.focus();
        return ours.navigate ? ours.navigate(link) : undefined;
      }
      return self.clients.openWindow(link);
    })(),
  );
});
