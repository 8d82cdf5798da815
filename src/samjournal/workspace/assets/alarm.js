// Sounds when more messages of the unit are past their deadline than before, where the user turned that on.
(() => {
  "use strict";
  const KEY = "samjournal-sound";
  const place = document.getElementById("message-count");
  const button = document.getElementById("sound");
  const isOn = () => localStorage.getItem(KEY) === "on";
  const beep = () => {
    const audio = new AudioContext();
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    volume.gain.value = 0.2;
    tone.frequency.value = 660;
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + 0.35);
    tone.onended = () => audio.close();
  };
  if (button) {
    const shown = () => button.setAttribute("aria-pressed", String(isOn()));
    button.hidden = false;
    shown();
    button.addEventListener("click", () => {
      localStorage.setItem(KEY, isOn() ? "off" : "on");
      shown();
      if (isOn()) beep();
    });
  }
  if (!place) return;
  const late = () => Number(place.querySelector("[data-late]")?.dataset.late ?? 0);
  let known = late();
  new MutationObserver(() => {
    const now = late();
    // Of all tabs one sounds: whoever gets the lock keeps it while the tone lasts.
    if (now > known && isOn()) {
      navigator.locks?.request("samjournal-alarm", { ifAvailable: true }, (lock) => {
        if (!lock) return null;
        beep();
        return new Promise((done) => setTimeout(done, 1000));
      });
    }
    known = now;
  }).observe(place, { childList: true, subtree: true });
})();
