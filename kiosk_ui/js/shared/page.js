/** What every page does first: texts, language buttons, and the office named by the address. */

import { byId, el } from "./dom.js";
import { LANGUAGES, language, onLanguage, startTexts, t, useLanguage } from "./texts.js";

/** The office in `/kiosk/{office}` and its like. */
export const officeId = () => decodeURIComponent(location.pathname.split("/")[2] ?? "");

/**
 * @param {string} [office]
 * @returns {string} the path of the office's resources
 */
export const officePath = (office = officeId()) => `/api/v1/offices/${encodeURIComponent(office)}`;

/** Loads the texts and draws the language buttons, where the page has a place for them. */
export async function startPage() {
  await startTexts();
  if (document.getElementById("languages")) drawLanguages();
  document.body.classList.add("is-ready");
}

function drawLanguages() {
  const buttons = LANGUAGES.map((lang) =>
    el("button", { type: "button", lang, "data-testid": `language-${lang}`, onclick: () => useLanguage(lang) }, t(`language.${lang}`)),
  );
  const mark = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === language()));
  };
  byId("languages").replaceChildren(...buttons);
  onLanguage(mark);
  mark();
}

/**
 * A sentence for the person at the page; it goes away by itself unless it is an error.
 * @param {string} text
 * @param {"info" | "error"} [kind]
 */
export function say(text, kind = "info") {
  const place = byId("message");
  clearTimeout(sayTimer);
  place.classList.toggle("message-error", kind === "error");
  place.textContent = text;
  place.hidden = text === "";
  if (kind === "info") sayTimer = window.setTimeout(() => (place.hidden = true), 6000);
}

let sayTimer = 0;
