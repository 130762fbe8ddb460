/** One key for each verb, whatever the keyboard is set to: capital lock, Japanese input, other layouts. */

import { byId } from "../shared/dom.js";

/** @typedef {{ verbs: Record<string, () => void>, find: () => void, help: () => void, cancel: () => boolean }} Actions */

/** These have a meaning without a counter too, on a break or while one is being opened. */
const ALWAYS = ["B", "Q", "N", "W"];

/** @param {Actions} actions `verbs` by letter; `cancel` says whether there was something to cancel */
export function startKeys(actions) {
  addEventListener("keydown", (event) => onKey(event, actions));
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 */
function onKey(event, actions) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
  if (isTyping) return;
  const done = act(event, actions);
  if (done) event.preventDefault();
}

/**
 * @param {KeyboardEvent} event
 * @param {Actions} actions
 */
function act(event, { verbs, find, help, cancel }) {
  const letter = letterOf(event);
  if (event.key === "Escape") return cancel();
  if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) return help(), true;
  if (byId("desk").hidden && !ALWAYS.includes(letter)) return false;
  if (event.key === "/" || event.code === "Slash" || letter === "F") return find(), true;
  const verb = verbs[letter];
  if (verb) verb();
  return verb !== undefined;
}

/**
 * The letter on the key; with Japanese input on, `key` is "Process" or kana, and only the place of the key tells.
 * @param {KeyboardEvent} event
 */
export const letterOf = (event) => (/^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : /^Key([A-Z])$/.exec(event.code)?.[1] ?? "");
