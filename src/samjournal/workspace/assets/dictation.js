// Dictation: what is spoken is sent in pieces, and the text goes where the cursor is. Pieces are written in the order
// in which they were spoken. What could not be turned into text is said, and nothing that was typed is touched.
(() => {
  "use strict";
  const form = document.getElementById("note-form");
  const button = document.getElementById("dictate");
  if (!form || !button || !navigator.mediaDevices || !window.AudioWorkletNode) return;
  const RATE = 16000;
  const LONGEST = 25 * RATE; // a piece, in samples
  const PAUSE = 0.6 * RATE; // of silence, after which a piece may end
  const SHORTEST = 4 * RATE; // before a pause ends a piece
  const QUIET = 0.01;
  const state = document.getElementById("dictate-state");
  const say = (name) => {
    state.textContent = name ? button.dataset[name] : "";
  };
  let area = form.querySelector("textarea");
  let at = area.value.length;
  let on = null;
  let heard = [];
  let length = 0;
  let still = 0;
  let spoken = false;
  let line = Promise.resolve();
  let waiting = 0;

  const remember = ({ target }) => {
    if (target.matches?.("#note-form textarea")) [area, at] = [target, target.selectionEnd];
  };
  for (const each of ["focusin", "keyup", "click", "input"]) form.addEventListener(each, remember);

  function wav() {
    const bytes = new DataView(new ArrayBuffer(44 + 2 * length));
    const word = (place, text) => [...text].forEach((sign, i) => bytes.setUint8(place + i, sign.charCodeAt(0)));
    word(0, "RIFF");
    bytes.setUint32(4, 36 + 2 * length, true);
    word(8, "WAVEfmt ");
    bytes.setUint32(16, 16, true);
    bytes.setUint16(20, 1, true);
    bytes.setUint16(22, 1, true);
    bytes.setUint32(24, RATE, true);
    bytes.setUint32(28, 2 * RATE, true);
    bytes.setUint16(32, 2, true);
    bytes.setUint16(34, 16, true);
    word(36, "data");
    bytes.setUint32(40, 2 * length, true);
    let place = 44;
    for (const piece of heard)
      for (const value of piece) {
        bytes.setInt16(place, Math.max(-1, Math.min(1, value)) * 32767, true);
        place += 2;
      }
    return bytes.buffer;
  }

  // The cursor may have moved, and the text too, while the words were on their way: they go where it is now.
  function put(text) {
    if (!text || !area.isConnected) return;
    at = Math.min(at, area.value.length);
    const before = area.value.slice(0, at);
    const gap = before && !/\s$/.test(before) ? " " : "";
    area.setRangeText(gap + text, at, at, "preserve");
    at += gap.length + text.length;
    if (document.activeElement === area) area.setSelectionRange(at, at);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function text(sound) {
    const answer = await fetch(button.dataset.to, {
      method: "POST",
      body: sound,
      headers: { "content-type": "audio/wav", accept: "application/json" },
    });
    if (answer.redirected || answer.status === 401) throw new Error("out");
    const said = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
    if (!answer.ok) throw new Error(said.problem === "busy" || answer.status === 503 ? "busy" : "engine");
    return said.text;
  }

  function send() {
    if (!spoken) return clear();
    const asked = text(wav());
    clear();
    waiting += 1;
    say("waits");
    line = line
      .then(() => asked)
      .then(put)
      .then(() => true)
      .catch((error) => {
        stop();
        say(button.dataset[error.message] ? error.message : "lost");
        return false;
      })
      .then((well) => {
        waiting -= 1;
        if (well && !waiting) say(on ? "listens" : "done");
      });
    asked.catch(() => {});
  }
  function clear() {
    [heard, length, still, spoken] = [[], 0, 0, false];
  }

  function hear({ data }) {
    const loud = data.some((value) => Math.abs(value) > QUIET);
    still = loud ? 0 : still + data.length;
    spoken ||= loud;
    heard.push(data);
    length += data.length;
    if (length >= LONGEST || (length >= SHORTEST && still >= PAUSE)) send();
  }

  async function start() {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const sound = new AudioContext({ sampleRate: RATE });
    await sound.audioWorklet.addModule(button.dataset.microphone);
    const ear = new AudioWorkletNode(sound, "microphone");
    ear.port.onmessage = hear;
    sound.createMediaStreamSource(stream).connect(ear);
    on = { stream, sound };
    button.setAttribute("aria-pressed", "true");
    say("listens");
  }
  function stop() {
    if (!on) return;
    for (const each of on.stream.getTracks()) each.stop();
    on.sound.close();
    on = null;
    button.setAttribute("aria-pressed", "false");
    say("");
    send();
  }

  button.addEventListener("click", async () => {
    if (on) return stop();
    button.disabled = true;
    try {
      await start();
    } catch {
      say("refused");
    }
    button.disabled = false;
  });
  // Nobody signs a note before what he said stands in it, and he has seen it.
  form.addEventListener(
    "submit",
    (event) => {
      if ((!on && !waiting) || event.submitter?.value === "discard") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      stop();
      say("first");
    },
    { capture: true },
  );
  addEventListener("pagehide", stop);
  button.hidden = false;
})();
