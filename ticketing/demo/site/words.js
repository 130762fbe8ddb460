/** The words of the demonstration's pages, beside the texts that all pages share. */

import { insist } from "/static/js/shared/api.js";
import { startPage } from "/static/js/shared/page.js";
import { language, onLanguage, pageLanguages } from "/static/js/shared/texts.js";

/** @type {Map<string, Record<string, string>>} */
const words = new Map();

/**
 * @param {string} key
 * @param {Record<string, string>} [values] replace `{name}`
 * @returns {string}
 */
export const w = (key, values = {}) =>
  (words.get(language())?.[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/**
 * Starts a page; `draw` is called now and after every change of language.
 * @param {() => void} draw
 */
export async function startDemoPage(draw) {
  await Promise.all(pageLanguages().map(async (lang) => words.set(lang, await insist("GET", `/demo/site/${lang}.json`, { patience: 60000 }))));
  onLanguage(() => {
    writeWords();
    draw();
  });
  await startPage();
}

function writeWords() {
  for (const element of document.querySelectorAll("[data-demo]")) {
    element.textContent = w(/** @type {HTMLElement} */ (element).dataset.demo ?? "");
  }
}
