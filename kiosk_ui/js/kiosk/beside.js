/** What nobody needs before the first touch: arriving with a web ticket, keys, a scanner. */

import { arriveByCode, drawKeys, startArrival, submit, typeSign } from "./arrival.js";
import { keyHandlers } from "./keyboard.js";
import { screen } from "./screens.js";
import { readTyped } from "./typed.js";

export { drawKeys };

/** @param {() => void} onSpeech */
export function startBeside(onSpeech) {
  startArrival();
  readTyped({
    onKey: keyHandlers({ type: typeSign, onSpeech, onEnter: submit }),
    onScan: (scan) => void arriveByCode(scan),
    onEnter: () => screen() === "arrival" && submit(),
  });
}
