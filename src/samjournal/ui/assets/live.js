// Keeps open pages up to date: one event stream for the whole browser, shared by all its tabs.
//
// A page names what it shows by `data-watch="<key>"`. One tab, the one that holds the lock, has the stream
// `/live?watch=<key>&watch=<key>` with the keys of every tab; it tells the others through a broadcast channel.
// An event carries the key alone. Each tab then fires `live` on its elements with that key, and htmx fetches their
// fragment through the door, so that a permit that has gone closes the page.
//
// No timer stands between an event and the page: browsers slow timers down in tabs that are not in front.
(() => {
  "use strict";
  const elements = () => [...document.querySelectorAll("[data-watch]")];
  if (!elements().length || !("EventSource" in window)) return;

  const me = crypto.randomUUID();
  const channel = new BroadcastChannel("samjournal-live");
  const keys = () => [...new Set(elements().map((element) => element.dataset.watch))].filter(Boolean);

  const refresh = (key) => {
    for (const element of elements()) {
      if (key === null || element.dataset.watch === key) element.dispatchEvent(new CustomEvent("live"));
    }
  };
  const connected = (is) => {
    for (const element of document.querySelectorAll("[data-live-lost]")) element.hidden = is;
  };

  // --- every tab ---------------------------------------------------------------------------------------------
  const announce = () => channel.postMessage({ type: "here", tab: me, keys: keys() });
  channel.onmessage = ({ data }) => {
    if (data.type === "changed") refresh(data.key);
    else if (data.type === "who") announce();
    else if (data.type === "stream") connected(data.up);
    else if (leader) leader(data);
  };
  addEventListener("pagehide", () => channel.postMessage({ type: "gone", tab: me }));
  addEventListener("pageshow", ({ persisted }) => {
    if (!persisted) return;
    announce();
    refresh(null);
  });

  // --- the tab that holds the stream -------------------------------------------------------------------------
  let leader = null;
  const lead = () => {
    const tabs = new Map([[me, keys()]]);
    const streams = new Set();
    let newest = null;
    let watched = "";
    let down = false;

    const tell = (message) => {
      channel.postMessage(message);
      if (message.type === "changed") refresh(message.key);
      if (message.type === "stream") connected(message.up);
    };
    const open = () => {
      const wanted = [...new Set([...tabs.values()].flat())].sort();
      const address = "/live?" + wanted.map((key) => "watch=" + encodeURIComponent(key)).join("&");
      if (address === watched && newest && newest.readyState !== EventSource.CLOSED) return;
      watched = address;
      const stream = new EventSource(address);
      newest = stream;
      streams.add(stream);
      stream.onmessage = ({ data }) => tell({ type: "changed", key: data });
      stream.addEventListener("ended", () => {
        stream.close();
        newest = null;
        dispatchEvent(new CustomEvent("session-ended"));
      });
      stream.onopen = () => {
        // Older streams go first when a newer one stands, so that nothing falls between them.
        if (stream !== newest) return;
        for (const older of streams) {
          if (older === stream) continue;
          older.close();
          streams.delete(older);
        }
        tell({ type: "stream", up: true });
        if (down) tell({ type: "changed", key: null });
        down = false;
      };
      stream.onerror = () => {
        if (stream !== newest) return;
        down = true;
        tell({ type: "stream", up: false });
        // The browser tries again by itself unless the server refused.
        if (stream.readyState === EventSource.CLOSED) setTimeout(() => stream === newest && open(), 5000);
      };
    };
    leader = (data) => {
      if (data.type === "here") tabs.set(data.tab, data.keys);
      if (data.type === "gone") tabs.delete(data.tab);
      open();
    };
    open();
    channel.postMessage({ type: "who" });
  };

  let led = false;
  const start = (tookOver) => {
    if (led) return;
    led = true;
    lead();
    // What happened between the former stream and this one is fetched at once.
    if (tookOver) {
      channel.postMessage({ type: "changed", key: null });
      refresh(null);
    }
  };
  if (!navigator.locks) {
    start(false);
    return;
  }
  announce();
  const name = "samjournal-live";
  navigator.locks.request(name, { ifAvailable: true }, (lock) => {
    if (!lock) {
      navigator.locks.request(name, () => {
        start(true);
        return new Promise(() => {});
      });
      return null;
    }
    start(false);
    return new Promise(() => {});
  });
})();
