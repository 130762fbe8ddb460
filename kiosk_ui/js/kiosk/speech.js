/** Speech of what is on the screen, and of where the focus goes, while a visitor wants it. */

import { byId, setText, show } from "../shared/dom.js";
import { spokenText } from "../shared/readings.js";
import { language, onLanguage, t } from "../shared/texts.js";
import { office } from "./office.js";
import { onHome, onScreen, screen } from "./screens.js";
import { hush, onVoices, playNumber, speak, spokenIn } from "./voice.js";

let isOn = false;

export const isSpeaking = () => isOn;

export function startSpeech() {
  byId("help-speech").addEventListener("click", toggleSpeech);
  onVoices(offerSpeech);
  onLanguage(() => {
    offerSpeech();
    if (isOn) sayScreen();
  });
  onHome(() => turn(false));
  onScreen(() => isOn && sayScreen());
  addEventListener("focusin", (event) => isOn && sayElement(/** @type {HTMLElement} */ (event.target)));
}

const way = () => spokenIn(language(), office()?.board.voice ?? []);

/** The button is there where something can speak. */
export function offerSpeech() {
  show(byId("help-speech"), way() !== "nothing");
  setText(byId("help-speech-name"), t(way() === "number" ? "kiosk.speech_number" : "kiosk.speech"));
  if (way() === "nothing") turn(false);
}

export function toggleSpeech() {
  if (way() === "nothing") return;
  turn(!isOn);
  if (isOn) sayScreen();
}

/** @param {boolean} on */
function turn(on) {
  isOn = on;
  byId("help-speech").setAttribute("aria-pressed", String(on));
  if (!on) hush();
}

/** What the screen tells, without what is for eyes only. */
export function sayScreen() {
  const number = screen() === "issued" ? byId("issued-number").textContent : screen() === "arrived" ? byId("arrived-number").textContent : "";
  if (way() === "number") {
    if (number) playNumber(number, language());
    return;
  }
  const told = [...document.querySelectorAll(`#${screen()} .tell :is(h1, p, dt, dd)`)].filter((each) => each.getClientRects().length > 0);
  speak(told.map((each) => words(each)).filter(Boolean).join(t("list_separator")), language());
}

/** @param {HTMLElement} element */
function sayElement(element) {
  // The heading is spoken with the screen.
  if (way() !== "all" || element.tabIndex < 0) return;
  const label = element.getAttribute("aria-label") ?? (element instanceof HTMLInputElement ? `${element.labels?.[0]?.textContent ?? ""} ${spelled(element.value)}` : words(element));
  const lang = element.lang || language();
  speak(label, lang);
}

/**
 * @param {Element} element
 * @returns {string}
 */
function words(element) {
  const parts = [...element.childNodes].map((node) => {
    if (!(node instanceof Element) || node.matches("ruby")) return spokenText(node);
    if (node.matches(".number")) return ` ${spelled(node.textContent ?? "")} `;
    return node.matches("svg") ? "" : ` ${words(node)} `;
  });
  return parts.join("").replace(/\s+/g, " ").trim();
}

/** A012 is read sign by sign, as it stands on the slip and on the boards. @param {string} number */
const spelled = (number) => [...number].join(" ");
