/** "I have arrived" for tickets from the web: by number on the keypad, or by the code of the visitor's own page. */

import { Problem, insist, newKey, problemText } from "../shared/api.js";
import { byId, el, setText, show } from "../shared/dom.js";
import { officeId, officePath, say } from "../shared/page.js";
import { hasText, onLanguage, t } from "../shared/texts.js";
import { icon } from "./icon.js";
import { office, refresh } from "./office.js";
import { go, home, onHome, screen } from "./screens.js";
import { showWorking } from "./take.js";

/** @typedef {import("./typed.js").Scan} Scan */

const ENTRY_SECONDS = 60;
const SHOWN_SECONDS = 20;
const REFUSED_SECONDS = 30;
const LONGEST = 10;
/** Most answers come sooner; then no other screen flashes up. */
const WORKING_MS = 500;
/** Where a code may be held to the scanner. */
const SCANNED_ON = ["start", "arrival", "arrived", "refused"];

/** What is being asked now; a new visitor's touch makes it void. @type {object | null} */
let asking = null;
let keysFor = "";
/** Why the last one could not be done, in the language of the moment. */
let refused = () => "";

const entry = () => /** @type {HTMLInputElement} */ (byId("arrival-number"));

export function startArrival() {
  byId("to-arrival").addEventListener("click", () => go("arrival", ENTRY_SECONDS));
  for (const id of ["arrived-done", "arrival-back", "refused-done"]) byId(id).addEventListener("click", home);
  byId("arrival-form").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  onLanguage(() => {
    keysFor = "";
    drawKeys();
    setText(byId("refused-heading"), refused());
  });
  onHome(() => {
    asking = null;
    entry().value = "";
    setText(byId("arrived-number"), "");
    refused = () => "";
    setText(byId("refused-heading"), "");
  });
}

/** The office's own prefixes and the digits, rather than the whole alphabet. */
export function drawKeys() {
  const prefixes = (office()?.kiosk?.prefixes ?? []).filter(Boolean);
  if (keysFor === prefixes.join()) return;
  keysFor = prefixes.join();
  const letters = prefixes.map((prefix) => key(prefix, () => write(prefix + entry().value.replace(/^[A-Z]+/, ""))));
  const digits = [..."1234567890"].map((digit) => key(digit, () => write(entry().value + digit)));
  const erase = el("button", { type: "button", "aria-label": t("kiosk.erase"), onclick: eraseSign }, icon("delete"));
  byId("keys").replaceChildren(
    ...(letters.length > 1 || prefixes[0] ? [el("div", { class: "letters", "data-many": letters.length > 6 }, ...letters)] : []),
    el("div", { class: "digits" }, ...digits, erase));
}

/**
 * @param {string} name
 * @param {() => void} onclick
 */
const key = (name, onclick) => el("button", { type: "button", "data-testid": `key-${name}`, onclick }, name);

/** A sign from a keyboard. @param {string} sign */
export function typeSign(sign) {
  if (/^[0-9A-Za-z]$/.test(sign)) write(entry().value + sign.toUpperCase());
}

export const eraseSign = () => write(entry().value.slice(0, -1));

/** @param {string} value */
function write(value) {
  entry().value = value.slice(0, LONGEST);
}

export function submit() {
  const number = entry().value.normalize("NFKC").trim().toUpperCase();
  if (number) void arrive(number);
  else entry().focus();
}

/** @param {Scan | null} scan */
export async function arriveByCode(scan) {
  if (!SCANNED_ON.includes(screen())) return;
  const mine = (asking = {});
  if (!scan) return refuse(() => t("kiosk.scan_unknown"));
  if (scan.office !== officeId()) return refuse(() => t("kiosk.scan_other_office"));
  if (scan.day !== office()?.business_day) await refresh();
  if (asking !== mine) return;
  if (scan.day !== office()?.business_day) return refuse(() => t("kiosk.scan_other_day"));
  asking = null;
  await arrive(scan.number, scan.secret);
}

/**
 * @param {string} number
 * @param {string} [secret]
 */
async function arrive(number, secret) {
  if (asking) return;
  const mine = (asking = {});
  say("");
  const timer = setTimeout(() => asking === mine && showWorking("kiosk.checking"), secret ? 0 : WORKING_MS);
  const onAway = () => asking === mine && show(byId("away"), true);
  try {
    await insist("POST", `${officePath()}/tickets/${encodeURIComponent(number)}/arrive`, { body: {}, key: newKey(), secret, onAway });
    if (asking !== mine) return;
    setText(byId("arrived-number"), number);
    go("arrived", SHOWN_SECONDS);
  } catch (error) {
    if (asking !== mine) return;
    const why = reason(error, secret !== undefined);
    if (secret || why.isFinal) refuse(why.words);
    else askAgain(why.words);
  } finally {
    clearTimeout(timer);
    if (asking === mine) asking = null;
  }
}

/** @param {() => string} why */
function askAgain(why) {
  if (screen() !== "arrival") go("arrival", ENTRY_SECONDS);
  say(why, "error");
}

/**
 * @param {unknown} error
 * @param {boolean} byCode
 */
function reason(error, byCode) {
  const state = error instanceof Problem && error.code === "wrong_state" ? String(error.details.state) : "";
  if (state && hasText(`kiosk.cannot.${state}`)) return { words: () => t(`kiosk.cannot.${state}`), isFinal: true };
  const isUnknown = error instanceof Problem && error.code === "wrong_secret";
  return { words: () => (byCode && isUnknown ? t("kiosk.scan_unknown") : problemText(error)), isFinal: false };
}

/** @param {() => string} words */
function refuse(words) {
  asking = null;
  refused = words;
  setText(byId("refused-heading"), refused());
  go("refused", REFUSED_SECONDS);
}
