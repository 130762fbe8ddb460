/** Every word a person sees, in the language of the page. */

import { setText } from "./dom.js";
import { takeEarly, wordsAddresses } from "./early.js";
import { FIRST_LANGUAGE, LANGUAGES, bestLanguage, direction, numberLocale } from "./languages.js";
import { formatMessage } from "./messages.js";
import { plain } from "./readings.js";

/** @typedef {import("./messages.js").Values} Values */

const KEPT = "junban.language";

/** @type {Map<string, Map<string, string>>} */
const loaded = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();
let current = FIRST_LANGUAGE;
let wanted = FIRST_LANGUAGE;

export const language = () => current;

/** The language that was asked for last; its words may be on their way still. */
export const wantedLanguage = () => wanted;

/** The languages that this page may be read in: those of `data-languages`, or all. */
export const pageLanguages = () => document.documentElement.dataset.languages?.split(" ") ?? LANGUAGES;

/**
 * Called after every change of language.
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * The text for a key in the page's language, as an ICU message with its values. It may hold readings of kanji (see readings.js).
 * @param {string} key
 * @param {Values} [values]
 * @returns {string}
 */
export const t = (key, values = {}) => translate(current, key, values);

/**
 * @param {string} key
 * @returns {boolean}
 */
export const hasText = (key) => loaded.get(current)?.has(key) ?? false;

/**
 * The same for a chosen language that was loaded.
 * @param {string} lang
 * @param {string} key
 * @param {Values} [values]
 * @returns {string}
 */
export function translate(lang, key, values = {}) {
  const text = loaded.get(lang)?.get(key);
  return text === undefined ? key : formatMessage(numberLocale(lang), text, values);
}

/**
 * Loads the visitor's language and writes it into the page.
 * @param {boolean} [remembers] does the page know the visitor from last time?
 */
export async function startTexts(remembers = true) {
  const known = remembers ? [remembered() ?? "", ...navigator.languages] : [document.documentElement.lang];
  await useLanguage(bestLanguage(known, pageLanguages()) ?? FIRST_LANGUAGE, false);
}

/**
 * @param {string} lang
 * @param {boolean} [keep] remember the choice in this browser
 */
export async function useLanguage(lang, keep = true) {
  wanted = lang;
  if (keep) remember(lang);
  await load(lang);
  if (wanted !== lang) return;
  current = lang;
  document.documentElement.lang = lang;
  document.documentElement.dir = direction(lang);
  writeTexts(document);
  for (const listener of listeners) listener();
}

/**
 * Loads one language's texts, trying again while the server is away.
 * @param {string} lang
 */
export async function load(lang) {
  for (let pause = 500; !loaded.has(lang); pause = Math.min(pause * 2, 8000)) {
    try {
      const texts = await Promise.all(wordsAddresses(lang).map(readFile));
      loaded.set(lang, new Map(texts.flatMap((one) => Object.entries(one))));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * @param {string} address
 * @returns {Promise<Record<string, string>>}
 */
async function readFile(address) {
  const answer = await (takeEarly(address) ?? fetch(address));
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

/**
 * Fills elements by their `data-text`, and attributes by `data-label` and `data-hint`; `data-lang` fixes the language.
 * @param {ParentNode} root
 */
export function writeTexts(root) {
  for (const element of root.querySelectorAll("[data-text],[data-label],[data-hint]")) {
    const { text, label, hint, lang } = /** @type {HTMLElement} */ (element).dataset;
    if (text) setText(element, translate(lang ?? current, text));
    if (label) element.setAttribute("aria-label", plain(translate(lang ?? current, label)));
    if (hint) element.setAttribute("placeholder", plain(translate(lang ?? current, hint)));
  }
}

/** @returns {string | null} */
function remembered() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** @param {string} lang */
function remember(lang) {
  try {
    localStorage.setItem(KEPT, lang);
  } catch {
    // A browser that keeps nothing still shows the chosen language until the page is left.
  }
}
