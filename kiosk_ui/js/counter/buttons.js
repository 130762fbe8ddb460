/** The verbs as buttons: which may be pressed, what is on its way, what waits its turn, and how long an undo is possible. */

import { byId, el, setText, show } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { current, mine, serverNow } from "./desk.js";
import { pending } from "./presses.js";
import { press, pressName, undoable, VERBS } from "./verbs.js";

/** @typedef {import("./presses.js").Press} Press */

/** An answer within this time needs no word about waiting for it. */
const QUIET_MILLISECONDS = 350;

export function makeButtons() {
  byId("verbs").replaceChildren(...VERBS.map(verbButton));
}

/** @param {{ verb: string, key: string }} one */
function verbButton({ verb, key }) {
  const attributes = {
    type: "button", class: verb === "next" ? "button button-main verb verb-next" : `button verb verb-${verb}`, id: `verb-${verb}`,
    "data-testid": `verb-${verb}`, "aria-keyshortcuts": key, onclick: () => void press(verb),
  };
  return el("button", attributes, el("span", { id: `verb-${verb}-label` }, t(`verb.${verb}`)), el("kbd", { "aria-hidden": "true" }, key));
}

export function drawButtons() {
  const state = current()?.state ?? "";
  for (const { verb, states } of VERBS) if (verb !== "undo") enable(verb, states.includes(state));
  setText(byId("verb-next-label"), t(state ? "verb.complete_next" : "verb.next"));
  drawUndo();
  drawPending();
}

/** The seconds that an undo is still possible run down beside its name; what is on its way can be taken back for as long as it is. */
export function drawUndo() {
  if (!document.getElementById("verb-undo")) return;
  const undo = mine()?.undo;
  const left = undo ? Math.ceil((Date.parse(undo.until) - serverNow()) / 1000) : 0;
  const isOnItsWay = undoable() !== undefined;
  enable("undo", isOnItsWay || left > 0);
  setText(byId("verb-undo-label"), !isOnItsWay && left > 0 && undo ? t("verb.undo_left", { step: t(`step.${undo.step}`), number: undo.number, seconds: left }) : t("verb.undo"));
}

/**
 * @param {string} verb
 * @param {boolean} enabled
 */
function enable(verb, enabled) {
  /** @type {HTMLButtonElement} */ (byId(`verb-${verb}`)).disabled = !enabled;
}

let quietTimer = 0;

/** Marks the buttons at once; the line of presses is written out only when it takes a while. */
export function drawPending() {
  const presses = pending();
  for (const { verb } of VERBS) {
    const button = document.getElementById(`verb-${verb}`);
    if (!button) continue;
    const index = presses.findIndex((one) => one.verb === verb);
    if (index < 0) delete button.dataset.pending;
    else button.dataset.pending = index === 0 ? "sent" : "next";
  }
  const isSlow = presses.some((one) => Date.now() - one.at > QUIET_MILLISECONDS);
  show(byId("pending"), presses.length > 0 && isSlow);
  if (isSlow) byId("pending-list").replaceChildren(...presses.map(pressItem));
  show(byId("pending-cancel"), presses.some((one) => !one.isSent));
  clearTimeout(quietTimer);
  if (presses.length > 0 && !isSlow) quietTimer = window.setTimeout(drawPending, QUIET_MILLISECONDS + 20);
}

/** @param {Press} one */
const pressItem = (one) => el("li", {}, t(one.isSent ? "counter.press_sent" : "counter.press_next", { verb: pressName(one) }));
