/** The kiosk by keyboard or hardware keypad: digits choose, arrows move, Escape goes back, * speaks. */

import { byId } from "../shared/dom.js";
import { moveFocus } from "./arrows.js";
import { home, onHome, screen } from "./screens.js";
import { backToGroups } from "./start.js";

/**
 * @param {{ type: (key: string) => void, onErase: () => void, onSpeech: () => void, onEnter: () => void }} handlers type: a sign for the
 *   field of the arrival; onErase: its last one is not wanted
 */
export function keyHandlers({ type, onErase, onSpeech, onEnter }) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Escape") back();
    else if (event.key === "Enter" && screen() === "arrival" && !/** @type {Element} */ (event.target).matches("button, input")) onEnter();
    else if (event.key === "Backspace" && screen() === "arrival" && !(event.target instanceof HTMLInputElement)) onErase();
    else if (moveFocus(event.key)) event.preventDefault();
    else return;
    showDigits(true);
  });
  addEventListener("pointerdown", () => showDigits(false));
  onHome(() => showDigits(false));

  /**
   * @param {string} key
   * @param {boolean} isOfCode it may be the rest of what a scanner types
   */
  return (key, isOfCode) => {
    if (key === "*") return onSpeech();
    if (screen() === "arrival") return type(key);
    if (screen() !== "start" || isOfCode) return;
    showDigits(true);
    if (/^[1-9]$/.test(key)) /** @type {HTMLElement | null} */ (byId("services").querySelector(`[data-digit="${key}"]`))?.click();
  };
}

function back() {
  if (screen() === "working") byId("give-up").click();
  else if (screen() !== "start" || !backToGroups()) home();
}

/**
 * The digits stand on the buttons for those who have keys only.
 * @param {boolean} isByKey
 */
function showDigits(isByKey) {
  document.documentElement.toggleAttribute("data-keys", isByKey);
}
