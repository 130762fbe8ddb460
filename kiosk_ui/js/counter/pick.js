/** Short questions: a reason of the office's list, or "are you sure"; number keys answer. */

import { byId, el, setText } from "../shared/dom.js";
import { t } from "../shared/texts.js";

/** @typedef {{ value: string, key: string, label: string, id?: string }} Choice */

/**
 * @param {string} heading
 * @param {{ code: string, name: string }[]} reasons
 * @returns {Promise<string | null>} a code, "" without a reason, null: never mind
 */
export async function chooseReason(heading, reasons) {
  if (reasons.length === 0) return "";
  const none = { value: "-", key: "0", label: t("counter.no_reason"), id: "-" };
  const listed = reasons.map(({ code, name }, index) => ({ value: `=${code}`, key: index < 9 ? String(index + 1) : "", label: name, id: code }));
  const answer = await pick(heading, [none, ...listed]);
  return answer === "" ? null : answer.slice(1);
}

/**
 * @param {string} heading
 * @param {string} yes
 */
export const sure = async (heading, yes) => (await pick(heading, [{ value: "yes", key: "1", label: yes }])) === "yes";

/**
 * @param {string} heading
 * @param {Choice[]} choices the first has the focus, so Enter takes it
 * @returns {Promise<string>} "" when nothing was chosen
 */
function pick(heading, choices) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("pick"));
  setText(byId("pick-heading"), heading);
  byId("pick-options").replaceChildren(...choices.map(({ value, key, label, id }, index) =>
    el("button", { class: "button", value, "data-testid": `pick-${id ?? value}`, "data-key": key, autofocus: index === 0, "aria-keyshortcuts": key || null },
      key ? el("kbd", { "aria-hidden": "true" }, key) : null, el("span", {}, label))));
  return answerOf(dialog, (key) => dialog.querySelector(`[data-key="${key}"]`));
}

/**
 * Opens a dialog; a digit presses the button that carries it.
 * @param {HTMLDialogElement} dialog
 * @param {(digit: string) => Element | null} buttonFor
 * @returns {Promise<string>}
 */
export function answerOf(dialog, buttonFor) {
  dialog.returnValue = "";
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
    if (!digit || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const button = buttonFor(digit);
    if (!(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    button.click();
  };
  // A click beside the buttons may take the focus out of the dialog.
  document.addEventListener("keydown", onKey);
  dialog.showModal();
  return new Promise((resolve) => {
    const settle = () => {
      document.removeEventListener("keydown", onKey);
      removeEventListener("keydown", settleByKey);
      dialog.removeEventListener("close", settle);
      resolve(dialog.returnValue);
    };
    // The dialog says that it closed a moment later, when the key of the next question may have been pressed.
    const settleByKey = () => void (dialog.open || settle());
    addEventListener("keydown", settleByKey);
    dialog.addEventListener("close", settle);
  });
}
