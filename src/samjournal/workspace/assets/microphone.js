// Hands on what the microphone hears, as it comes. Runs beside the page (AudioWorklet).
class Microphone extends AudioWorkletProcessor {
  process([input]) {
    if (input?.[0]?.length) this.port.postMessage(input[0].slice());
    return true;
  }
}
registerProcessor("microphone", Microphone);
