// The portal's service worker: what the pages are made of is at hand without net, what they tell is not.
//
// It keeps FILES (styles, scripts, font, icons, and the page without net) in the cache of this VERSION. No answer to a
// request for a page is ever put into a cache: another who opens the phone finds nothing of anybody's record.
// `samjournal-last` holds the language of the reader and when the net was there last, nothing else.
"use strict";
const KEPT = "samjournal-" + VERSION;
const LAST = "samjournal-last";

addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(KEPT)
      .then((cache) => cache.addAll(FILES))
      .then(() => skipWaiting()),
  );
});

addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("samjournal-") && name !== KEPT && name !== LAST;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});

const withoutNet = async () => {
  const last = await caches.match("/portal/last", { cacheName: LAST });
  const { language } = last ? await last.json() : { language: "nb" };
  const page = await caches.match("/portal/offline?in=" + language, { cacheName: KEPT });
  return page ?? Response.error();
};

// A form that could not be sent: the page stays as it is, with what was written, and is told (fetch.spec.whatwg.org:
// an answer 204 to a navigation leaves the page where it is).
const notSent = async () => {
  for (const page of await clients.matchAll({ type: "window" })) page.postMessage({ type: "unsent" });
  return new Response(null, { status: 204 });
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(request.method === "GET" ? withoutNet : notSent));
  } else if (request.method === "GET" && address.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request, { cacheName: KEPT }).then((found) => found ?? fetch(request)));
  }
});
