/** Every word a person sees, in the language of the page. */

/** @typedef {string | { one?: string, other: string }} Text */
/** @typedef {Record<string, string | number>} Values */

export const LANGUAGES = ["ja", "en"];
const KEPT = "junban.language";

/** @type {Map<string, Map<string, Text>>} */
const loaded = new Map();
/** @type {Set<() => void>} */
const listeners = new Set();
let current = "ja";

export const language = () => current;

/**
 * Called after every change of language.
 * @param {() => void} listener
 */
export function onLanguage(listener) {
  listeners.add(listener);
}

/**
 * The text for a key in the page's language; `{name}` is replaced, `count` chooses the plural form.
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
  if (text === undefined) return key;
  return pick(lang, text, values).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/**
 * @param {string} lang
 * @param {Text} text
 * @param {Values} values
 */
function pick(lang, text, values) {
  if (typeof text === "string") return text;
  const form = new Intl.PluralRules(lang).select(Number(values.count));
  return (form === "one" ? text.one : undefined) ?? text.other;
}

/** Loads the visitor's language and writes it into the page. */
export async function startTexts() {
  await useLanguage(preferred(), false);
}

/**
 * @param {string} lang
 * @param {boolean} [keep] remember the choice in this browser
 */
export async function useLanguage(lang, keep = true) {
  await load(lang);
  current = lang;
  if (keep) remember(lang);
  document.documentElement.lang = lang;
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
      const answer = await fetch(`/static/texts/${lang}.json`);
      if (!answer.ok) throw new Error(String(answer.status));
      loaded.set(lang, flatten(await answer.json()));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * Fills elements by their `data-text`, and attributes by `data-label` and `data-hint`; `data-lang` fixes the language.
 * @param {ParentNode} root
 */
export function writeTexts(root) {
  for (const element of root.querySelectorAll("[data-text],[data-label],[data-hint]")) {
    const { text, label, hint, lang } = /** @type {HTMLElement} */ (element).dataset;
    if (text) element.textContent = translate(lang ?? current, text);
    if (label) element.setAttribute("aria-label", translate(lang ?? current, label));
    if (hint) element.setAttribute("placeholder", translate(lang ?? current, hint));
  }
}

/**
 * @param {Record<string, any>} tree
 * @param {string} [prefix]
 * @param {Map<string, Text>} [into]
 */
function flatten(tree, prefix = "", into = new Map()) {
  for (const [name, value] of Object.entries(tree)) {
    if (typeof value === "string" || "other" in value) into.set(prefix + name, value);
    else flatten(value, `${prefix}${name}.`, into);
  }
  return into;
}

function preferred() {
  const wanted = [remembered(), ...navigator.languages].map((tag) => (tag ?? "").slice(0, 2));
  return wanted.find((tag) => LANGUAGES.includes(tag)) ?? "ja";
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
