/** What every page does first: texts, language buttons, and the office named by the address. */

import { byId, el, setText, show } from "./dom.js";
import { bestLanguage, isReviewed, ownName } from "./languages.js";
import { language, onLanguage, pageLanguages, startTexts, t, useLanguage } from "./texts.js";
import { startUpgrades } from "./upgrade.js";

/** The office in `/kiosk/{office}` and its like. */
export const officeId = () => decodeURIComponent(location.pathname.split("/")[2] ?? "");

/**
 * @param {string} [office]
 * @returns {string} the path of the office's resources
 */
export const officePath = (office = officeId()) => `/api/v1/offices/${encodeURIComponent(office)}`;

/**
 * Loads the texts and draws the language buttons, where the page has a place for them.
 * @param {{ remembers?: boolean }} [settings] remembers: the choice of language is this visitor's, today and later
 */
export async function startPage({ remembers = true } = {}) {
  isRemembering = remembers;
  await startTexts(remembers);
  offerLanguages(pageLanguages());
  if (document.getElementById("languages")) document.body.append(noteOfMachine());
  onLanguage(nameManifest);
  onLanguage(sayAgain);
  nameManifest();
  startUpgrades();
  document.body.classList.add("is-ready");
}

/** A page that is kept as an app is called by its name in the visitor's language. */
function nameManifest() {
  document.getElementById("manifest")?.setAttribute("href", `/manifest.webmanifest?language=${language()}`);
}

let isRemembering = true;
/** @type {string[]} */
let offered = [];

/**
 * Offers the languages of an office only. A visitor whose language is not among them gets English, or the office's first.
 * @param {readonly string[]} languages
 */
export function offerLanguages(languages) {
  const fresh = pageLanguages().filter((lang) => languages.includes(lang));
  if (fresh.join() === offered.join() || fresh.length === 0) return;
  offered = fresh;
  if (document.getElementById("languages")) drawLanguages();
  if (!offered.includes(language())) void useLanguage(bestLanguage([language(), "en"], offered) ?? offered[0], false);
}

/** A row of names in their own script; where there is little room, one button opens it. */
function drawLanguages() {
  const place = byId("languages");
  const buttons = offered.map((lang) =>
    el("button", { type: "button", lang, "data-testid": `language-${lang}`, onclick: () => chooseLanguage(lang) }, ownName(lang)),
  );
  const opener = el("button", { type: "button", class: "languages-opener", "aria-expanded": "false", onclick: () => openLanguages() }, t("language.choose"));
  const mark = () => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.lang === language()));
  };
  place.dataset.size = offered.length > 3 ? "many" : "few";
  place.replaceChildren(...(offered.length > 3 ? [opener] : []), ...buttons);
  onLanguage(mark);
  mark();
}

/** @param {string} lang */
function chooseLanguage(lang) {
  openLanguages(false);
  void useLanguage(lang, isRemembering);
}

/** @param {boolean} [isOpen] */
function openLanguages(isOpen = byId("languages").dataset.open === undefined) {
  const place = byId("languages");
  const hadFocus = place.contains(document.activeElement);
  if (isOpen) place.dataset.open = "";
  else delete place.dataset.open;
  const opener = /** @type {HTMLElement | null} */ (place.querySelector(".languages-opener"));
  opener?.setAttribute("aria-expanded", String(isOpen));
  if (hadFocus && !isOpen) opener?.focus();
}

/** Where nobody has read a language's wording yet, the page says so. */
function noteOfMachine() {
  const note = el("p", { class: "machine-note", "data-testid": "machine-note" });
  const write = () => {
    show(note, !isReviewed(language()));
    setText(note, t("language.machine"));
  };
  onLanguage(write);
  write();
  return note;
}

/**
 * A sentence for the person at the page; it goes away by itself unless it is an error.
 * @param {string | (() => string)} text a function is asked again when the language changes
 * @param {"info" | "error"} [kind]
 */
export function say(text, kind = "info") {
  const place = byId("message");
  clearTimeout(sayTimer);
  said = typeof text === "function" ? text : () => text;
  place.classList.toggle("message-error", kind === "error");
  setText(place, said());
  place.hidden = said() === "";
  if (kind === "info") sayTimer = window.setTimeout(() => (place.hidden = true), 6000);
}

/** Takes a sentence away, unless another was said since. @param {() => string} text as it was said */
export function unsay(text) {
  if (said === text) say("");
}

/** In the words of now: another language was chosen, or its names have come. */
export function sayAgain() {
  if (said()) setText(byId("message"), said());
}

let said = () => "";
let sayTimer = 0;

/** A part of the page got lost on the way, as when boot.js finds that nothing came up. */
export function reloadLater() {
  setTimeout(() => location.reload(), 30_000);
}
