/** The panel that comes first: this page alerts by itself, with nothing registered. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { onLanguage, t } from "../shared/texts.js";
import { signs, startSigns, turnOff, turnOn } from "./signs.js";

const ALERTED = ["expected", "waiting", "called", "held", "absent"];

let isAway = false;
/** The visitor's turn came or ended while the page alerted. They may wait again: transferred, or because it was taken back. */
let isPaused = false;

export function startPageAlerts() {
  startSigns(draw);
  byId("page-alerts-button").addEventListener("click", toggle);
  onLanguage(draw);
  draw();
}

function toggle() {
  if (signs().isOn) void turnOff();
  else begin();
}

function begin() {
  void turnOn({ title: t("page_alerts.first_title"), body: t("page_alerts.is_on") });
}

/** @param {boolean} isStale nothing was heard from the server lately, so the page cannot know of a call */
export function setAway(isStale) {
  isAway = isStale;
  draw();
}

/** @param {string} state the ticket's */
export function drawPageAlerts(state) {
  const may = ALERTED.includes(state);
  show(byId("page-alerts"), may);
  if (may && isPaused) begin();
  if (may) isPaused = false;
  else if (signs().isOn) {
    isPaused = true;
    void turnOff();
  }
}

function draw() {
  const now = signs();
  byId("page-alerts").dataset.state = now.isOn ? (isAway ? "away" : "on") : "off";
  setText(byId("page-alerts-button"), t(now.isOn ? "page_alerts.turn_off" : "page_alerts.turn_on"));
  byId("page-alerts-button").classList.toggle("button-main", !now.isOn);
  setText(byId("page-alerts-state"), now.isOn ? t(isAway ? "page_alerts.away" : "page_alerts.is_on") : "");
  const means = now.isOn ? [
    { id: "sound", is: now.sound },
    { id: "vibration", is: now.vibration },
    { id: "notification", is: now.notification },
    { id: "screen", is: now.screen },
  ] : [];
  syncList(byId("page-alerts-means"), means, (one) => one.id, meansItem);
}

const WORKING = ["running", "yes", "granted", "kept"];

/** @param {{ id: string, is: string }} means */
function meansItem({ id, is }) {
  const kind = WORKING.includes(is) ? "means-yes" : "means-no";
  return el("li", { class: `means ${kind}`, "data-testid": `means-${id}`, "data-is": is }, t(`page_alerts.${id}.${is}`));
}
