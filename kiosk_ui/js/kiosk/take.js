/** A touch becomes a number: once, however often it is touched, and however long the server takes. */

import { insist, isAway, problemText } from "../shared/api.js";
import { byId, setText, show } from "../shared/dom.js";
import { officePath, say } from "../shared/page.js";
import { onLanguage, t, wantedLanguage } from "../shared/texts.js";
import { showIssued } from "./issued.js";
import { nameOf, office, setAway } from "./office.js";
import { answered, newTouch, settle } from "./pending.js";
import { go, home, onHome, screen } from "./screens.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */

const GIVE_UP_SECONDS = 60;
const REFUSED_SECONDS = 60;

/** The visitor's present intent; another visitor's touch makes another. @type {import("./pending.js").Touch | null} */
let intent = null;

export function startTaking() {
  byId("give-up").addEventListener("click", home);
  onLanguage(writeWorking);
  onHome(() => {
    intent = null;
    say("");
  });
}

/** @param {ServiceInfo} service */
export async function take(service) {
  if (intent) return;
  const touch = newTouch({ service: service.id, language: wantedLanguage(), via: "kiosk" }, office()?.business_day ?? null);
  intent = touch;
  say("");
  showWorking("kiosk.working");
  const options = { body: touch.body, key: touch.key, patience: GIVE_UP_SECONDS * 1000, isWanted: () => intent === touch, onAway: () => intent === touch && workingLong() };
  try {
    const ticket = await insist("POST", `${officePath()}/tickets`, options);
    if (intent !== touch) return void settle(touch);
    answered(touch);
    show(byId("away"), false);
    showIssued(ticket, touch);
  } catch (error) {
    if (isAway(error)) void settle(touch);
    else answered(touch);
    if (intent !== touch) return;
    intent = null;
    // It is still the same visitor, in the same language and with the same help.
    go("start", REFUSED_SECONDS);
    if (isAway(error)) setAway(true);
    else say(() => `${nameOf(service.id)}: ${problemText(error)}`, "error");
  }
}

/**
 * @param {string} heading the key of its words
 * @param {string} [note] the same
 */
export function showWorking(heading, note = "") {
  working = [heading, note];
  writeWorking();
  show(byId("give-up"), note !== "");
  if (screen() !== "working") go("working");
}

/** @type {[string, string]} */
let working = ["kiosk.working", ""];

function writeWorking() {
  const [heading, note] = working;
  setText(byId("working-heading"), t(heading));
  setText(byId("working-note"), note && t(note));
}

function workingLong() {
  show(byId("away"), true);
  showWorking("kiosk.working_long", "kiosk.working_note");
}
