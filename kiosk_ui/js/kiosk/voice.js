/** Speaks with the browser's own voices, or lets the server read out a number. Nothing is sent to anybody's cloud. */

import { officePath } from "../shared/page.js";

/** What voices of a language call themselves. @type {Record<string, RegExp>} */
const TAGS = {
  "zh-Hans": /^(zh|cmn)([-_](hans|cn|sg).*)?$/i,
  "zh-Hant": /^(zh|yue|cmn)[-_](hant|tw|hk|mo).*$/i,
};
/** The server has recorded parts in these. */
const SERVER_LANGUAGES = ["ja", "en"];

const player = new Audio();

/** @param {string} lang */
const base = (lang) => lang.split("-")[0];

/**
 * A voice of this machine; those of a cloud would hear what stands on the screen.
 * @param {string} lang
 */
function voiceOf(lang) {
  const tag = TAGS[lang] ?? new RegExp(`^${base(lang)}([-_].*)?$`, "i");
  return globalThis.speechSynthesis?.getVoices().find((voice) => voice.localService && tag.test(voice.lang));
}

/**
 * What can be spoken in a language: everything, the ticket's number, or nothing.
 * @param {string} lang
 * @param {readonly string[]} onServer languages that the office has voices in
 * @returns {"all" | "number" | "nothing"}
 */
export function spokenIn(lang, onServer) {
  if (voiceOf(lang)) return "all";
  return SERVER_LANGUAGES.includes(base(lang)) && onServer.includes(base(lang)) ? "number" : "nothing";
}

/** Called when the machine's voices have become known. @param {() => void} listener */
export function onVoices(listener) {
  globalThis.speechSynthesis?.addEventListener?.("voiceschanged", listener);
}

/**
 * @param {string} text
 * @param {string} lang
 */
export function speak(text, lang) {
  hush();
  const voice = voiceOf(lang);
  if (!voice || !text) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  speechSynthesis.speak(utterance);
}

/**
 * The number as the server reads it out.
 * @param {string} number
 * @param {string} lang
 */
export function playNumber(number, lang) {
  hush();
  player.src = `${officePath()}/numbers/${encodeURIComponent(number)}/voice?language=${base(lang)}`;
  // Where the browser keeps sound locked or the server is away, the number is on the screen.
  player.play().catch(() => undefined);
}

export function hush() {
  player.pause();
  globalThis.speechSynthesis?.cancel();
}
