/* Sounds for the counter: rising for done, falling for refused, one note for waiting. Heard without looking up. */
const TUNES = {
  ok: [[880, 0, 0.12], [1320, 0.13, 0.2]],
  waiting: [[660, 0, 0.15]],
  refused: [[300, 0, 0.22], [200, 0.26, 0.4]],
};
let speaker = null;

// Browsers allow sound only after the person has touched the page.
export function unlockSound() {
  speaker ??= globalThis.AudioContext ? new AudioContext() : null;
  if (speaker?.state === "suspended") speaker.resume();
}

export function playOutcome(kind) {
  if (speaker?.state !== "running") return;
  for (const [pitch, start, length] of TUNES[kind] ?? TUNES.refused) {
    const tone = speaker.createOscillator();
    const volume = speaker.createGain();
    const from = speaker.currentTime + start;
    tone.type = kind === "refused" ? "square" : "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(kind === "refused" ? 0.12 : 0.3, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    tone.connect(volume).connect(speaker.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}
