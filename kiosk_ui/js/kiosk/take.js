/** A touch becomes a number: once, however often it is touched, and however long the server takes. */

import { insist, isAway, problemText } from "../shared/api.js";
import { byId, setText, show } from "../shared/dom.js";
import { officePath, say } from "../shared/page.js";
import { language, t } from "../shared/texts.js";
import { showIssued } from "./issued.js";
import { office, setAway } from "./office.js";
import { answered, newTouch, settle } from "./pending.js";
import { go, home, onHome, screen } from "./screens.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */

const GIVE_UP_SECONDS = 60;

/** The visitor's present intent; another visitor's touch makes another. @type {import("./pending.js").Touch | null} */
let intent = null;

export function startTaking() {
  byId("give-up").addEventListener("click", home);
  onHome(() => {
    intent = null;
    say("");
  });
}

/** @param {ServiceInfo} service */
export async function take(service) {
  if (intent) return;
  const touch = newTouch({ service: service.id, language: language(), via: "kiosk" }, office()?.business_day ?? null);
  intent = touch;
  say("");
  showWorking(t("kiosk.working"), "");
  const options = { body: touch.body, key: touch.key, patience: GIVE_UP_SECONDS * 1000, isWanted: () => intent === touch, onAway: () => intent === touch && workingLong() };
  try {
    const ticket = await insist("POST", `${officePath()}/tickets`, options);
    if (intent !== touch) return void settle(touch);
    answered(touch);
    show(byId("away"), false);
    showIssued(ticket);
  } catch (error) {
    if (isAway(error)) void settle(touch);
    else answered(touch);
    if (intent !== touch) return;
    home();
    if (isAway(error)) setAway(true);
    else say(problemText(error), "error");
  }
}

/**
 * @param {string} heading
 * @param {string} note
 */
export function showWorking(heading, note) {
  setText(byId("working-heading"), heading);
  setText(byId("working-note"), note);
  show(byId("give-up"), note !== "");
  if (screen() !== "working") go("working");
}

function workingLong() {
  show(byId("away"), true);
  showWorking(t("kiosk.working_long"), t("kiosk.working_note"));
}
