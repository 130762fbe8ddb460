/** Small helpers for building and updating pages without a framework. */

import { hasReadings, plain, withReadings, writtenText } from "./readings.js";

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * The element with this id, which the page must have.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return /** @type {T} */ (found);
}

/**
 * A new element. Functions become listeners (`onclick`), true becomes an empty attribute, false, null and undefined are left out.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : plain(String(value)));
  }
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (child instanceof Node) element.append(child);
    else element.append(...shownText(element, String(child)));
  }
  return element;
}

/**
 * Writes only what changed, so that screen readers are not told the same thing twice.
 * @param {Element} element
 * @param {string} text it may hold readings of kanji
 */
export function setText(element, text) {
  if (writtenText(element) !== text) element.replaceChildren(...shownText(element, text));
}

/** These can hold nothing but text. */
const PLAIN = ["title", "option", "textarea"];

/**
 * @param {Element} element
 * @param {string} text
 */
function shownText(element, text) {
  if (!hasReadings(text)) return [text];
  return PLAIN.includes(element.localName) ? [plain(text)] : [withReadings(text)];
}

/**
 * @param {HTMLElement} element
 * @param {boolean} visible
 */
export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** @type {WeakMap<Element, { key: string, sign: string }>} */
const drawn = new WeakMap();

/**
 * What the pointer is pressed on: were it redrawn before the pointer is lifted, the click would be lost.
 * @type {Node | null}
 */
let pressed = null;
/** @type {Map<Element, () => void>} */
const heldBack = new Map();

addEventListener("pointerdown", (event) => event.button === 0 && (pressed = /** @type {Node} */ (event.target)), true);
addEventListener("click", () => (pressed = null), true);
addEventListener("pointerup", lift, true);
addEventListener("pointercancel", lift, true);
addEventListener("blur", lift);

/** The click comes right behind, before what was held back is drawn. */
function lift() {
  setTimeout(() => {
    pressed = null;
    for (const redraw of heldBack.values()) redraw();
  });
}

/**
 * Makes the children of `parent` match `items`; what did not change keeps its element and with it the focus. While the pointer is
 * pressed on one of them all stay as they are.
 * @template T
 * @param {Element} parent
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Element} build
 */
export function syncList(parent, items, keyOf, build) {
  heldBack.delete(parent);
  if (pressed !== parent && parent.contains(pressed)) return void heldBack.set(parent, () => syncList(parent, items, keyOf, build));
  /** @type {Set<string | undefined>} */
  const keys = new Set(items.map(keyOf));
  // Before the others are placed, so that none of them has to move, which would cost it the focus.
  for (const child of [...parent.children]) if (!keys.has(drawn.get(child)?.key)) child.remove();
  const old = new Map([...parent.children].map((child) => [drawn.get(child)?.key, child]));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const lang = document.documentElement.lang;
  let place = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    const sign = lang + JSON.stringify(item);
    const before = old.get(key);
    old.delete(key);
    if (before && drawn.get(before)?.sign === sign) {
      if (before === place) place = place.nextElementSibling;
      else parent.insertBefore(before, place);
      continue;
    }
    const fresh = build(item);
    drawn.set(fresh, { key, sign });
    if (before) {
      if (before === place) place = place.nextElementSibling;
      parent.insertBefore(fresh, place);
      if (focused && before.contains(focused)) refocus(fresh, focused);
      before.remove();
    } else parent.insertBefore(fresh, place);
  }
}

/**
 * @param {Element} fresh
 * @param {Element} focused
 */
function refocus(fresh, focused) {
  const id = focused.getAttribute("data-testid");
  const same = id ? (fresh.matches(`[data-testid="${id}"]`) ? fresh : fresh.querySelector(`[data-testid="${id}"]`)) : null;
  if (same instanceof HTMLElement) same.focus();
}

/**
 * Asks in a dialog of the page; its buttons carry their answer in `value`. Escape answers "".
 * @param {HTMLDialogElement} dialog
 * @returns {Promise<string>}
 */
export function ask(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue), { once: true });
  });
}
