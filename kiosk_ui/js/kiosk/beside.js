/** What nobody needs before the first touch: arriving with a web ticket, keys, a scanner. */

import { arriveByCode, drawKeys, eraseSign, startArrival, submit, typeSign } from "./arrival.js";
import { keyHandlers } from "./keyboard.js";
import { screen } from "./screens.js";
import { readTyped } from "./typed.js";

export { drawKeys };

/** @param {() => void} onSpeech */
export function startBeside(onSpeech) {
  startArrival();
  readTyped({
    onKey: keyHandlers({ type: typeSign, onErase: eraseSign, onSpeech, onEnter: submit }),
    onScan: (scan) => void arriveByCode(scan),
    onEnter: () => screen() === "arrival" && submit(),
  });
}
