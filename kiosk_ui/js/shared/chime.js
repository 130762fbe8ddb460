/** The two notes before a call, made by the browser; needs no file. */

/** @type {AudioContext | null} */
let context = null;

/** Browsers keep sound locked until somebody touches the page. */
export const isMuted = () => context?.state !== "running";

/**
 * Unlocks the sound at a touch or key; with `onChange` it is tried at once, as a board may be allowed to sound untouched.
 * @param {() => void} [onChange] the lock may have changed
 */
export function prepareChime(onChange) {
  const unlock = () => {
    context ??= new AudioContext();
    context.onstatechange = () => onChange?.();
    context.resume().then(onChange, onChange);
  };
  addEventListener("pointerdown", unlock);
  addEventListener("keydown", unlock);
  if (!onChange) return;
  unlock();
  setTimeout(onChange, 1000);
}

/** Sounds once; silent while the browser keeps the sound locked. */
export function chime() {
  if (!context || isMuted()) return;
  note(context, 880, context.currentTime);
  note(context, 698.5, context.currentTime + 0.45);
}

/** One low note, for what is worth a look but no hurry. */
export function softChime() {
  if (context && !isMuted()) note(context, 523.25, context.currentTime, 0.2);
}

/**
 * @param {AudioContext} audio
 * @param {number} hertz
 * @param {number} at seconds
 * @param {number} [loudness] at its loudest, 0 to 1
 */
function note(audio, hertz, at, loudness = 0.35) {
  const gain = audio.createGain();
  gain.gain.setValueAtTime(0.0001, at);
  gain.gain.exponentialRampToValueAtTime(loudness, at + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, at + 1.1);
  gain.connect(audio.destination);
  for (const [factor, share] of [[1, 0.8], [2, 0.15], [3, 0.05]]) {
    const tone = audio.createOscillator();
    const level = audio.createGain();
    tone.frequency.value = hertz * factor;
    level.gain.value = share;
    tone.connect(level).connect(gain);
    tone.start(at);
    tone.stop(at + 1.15);
  }
}
