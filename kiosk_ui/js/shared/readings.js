/** Readings of kanji as Aozora Bunko writes them, 受付《うけつけ》: shown above the kanji, left out where only text can stand. */

const READING = /(\p{Script=Han}[\p{Script=Han}々]*)《([ぁ-ゖァ-ヺー]+)》/gu;

/** @param {string} text */
export const hasReadings = (text) => text.includes("《");

/**
 * For titles, labels, notifications and voices.
 * @param {string} text
 */
export const plain = (text) => (hasReadings(text) ? text.replace(READING, "$1") : text);

/**
 * One element, so that a button that lays its parts out in a row keeps the words together. Screen readers know how to read
 * kanji, so they are given each word once.
 * @param {string} text
 */
export function withReadings(text) {
  /** @type {(string | HTMLElement)[]} */
  const nodes = [];
  let at = 0;
  for (const { index, 0: whole, 1: kanji, 2: kana } of text.matchAll(READING)) {
    if (index > at) nodes.push(text.slice(at, index));
    nodes.push(ruby(kanji, kana));
    at = index + whole.length;
  }
  if (at < text.length) nodes.push(text.slice(at));
  const all = document.createElement("span");
  all.append(...nodes);
  return all;
}

/**
 * The text that an element shows, as it was written.
 * @param {Node} node
 * @returns {string}
 */
export function writtenText(node) {
  if (node instanceof Element && node.localName === "ruby") return notation(node);
  return node.childNodes.length ? [...node.childNodes].map(writtenText).join("") : node.textContent ?? "";
}

/**
 * What is read out of an element: its words without the readings above them.
 * @param {Node} node
 * @returns {string}
 */
export const spokenText = (node) =>
  node instanceof Element && node.localName === "rt" ? "" : node.childNodes.length ? [...node.childNodes].map(spokenText).join("") : node.textContent ?? "";

/** @param {Element} element */
const notation = (element) => `${element.firstChild?.textContent}《${element.lastChild?.textContent}》`;

/**
 * @param {string} kanji
 * @param {string} kana
 */
function ruby(kanji, kana) {
  const element = document.createElement("ruby");
  const above = document.createElement("rt");
  above.setAttribute("aria-hidden", "true");
  above.append(kana);
  element.append(kanji, above);
  return element;
}
