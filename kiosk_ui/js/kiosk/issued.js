/** The number that was given: very large, with the code that takes it to the visitor's phone. */

import { insist } from "../shared/api.js";
import { byId, el, setText, show } from "../shared/dom.js";
import { counterName, waitRange } from "../shared/format.js";
import { onLanguage, t } from "../shared/texts.js";
import { printSlip } from "../slip.js";
import { isHelping } from "./help.js";
import { qrPicture } from "./icon.js";
import { nameOf, office } from "./office.js";
import { giveBack } from "./pending.js";
import { go, home, onHome, screen, stayFor } from "./screens.js";
import { isSpeaking } from "./speech.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */

const SHOWN_SECONDS = 30;
/** Without a slip the number has to be noted or scanned. */
const NO_SLIP_SECONDS = 60;
const HELPED_SECONDS = 90;

/** @type {Ticket | null} */
let shown = null;

export function startIssued() {
  byId("done").addEventListener("click", home);
  onHome(clear);
  onLanguage(drawIssued);
}

/**
 * @param {Ticket} ticket
 * @param {import("./pending.js").Touch} touch the one that gave it
 */
export function showIssued(ticket, touch) {
  clear();
  shown = ticket;
  drawIssued();
  const seconds = isHelping() || isSpeaking() ? HELPED_SECONDS : SHOWN_SECONDS;
  go("issued", seconds);
  void drawCode(ticket);
  const isShown = () => shown === ticket && screen() === "issued";
  const onGivenUp = () => {
    void giveBack(touch);
    home();
  };
  void printSlip(ticket, { onFailed: () => stayFor(Math.max(seconds, NO_SLIP_SECONDS)), onDone: home, onGivenUp, isShown });
}

/** What a language change writes anew; the names come a moment after the words. */
export function drawIssued() {
  if (!shown) return;
  const { service, number, ahead, wait_low, wait_high } = shown;
  const counters = office()?.counters.filter((counter) => counter.services.includes(service)) ?? [];
  setText(byId("issued-service"), nameOf(service));
  setText(byId("issued-number"), number);
  byId("issued-facts").replaceChildren(
    ...(ahead === null ? [] : fact(t("kiosk.ahead"), t("people.count", { count: ahead }))),
    ...fact(t("kiosk.wait"), waitRange(wait_low, wait_high)),
    ...(counters.length ? fact(t("kiosk.window"), windows(counters.map((counter) => counter.label))) : []),
  );
}

/**
 * "3・4" under the word for windows, and names in full.
 * @param {string[]} labels
 */
function windows(labels) {
  const areShort = labels.every((label) => /^[0-9A-Za-z]{1,3}$/.test(label));
  return areShort && labels.length > 1 ? labels.join("・") : labels.map((label) => (areShort ? label : counterName(label))).join(t("list_separator"));
}

/**
 * @param {string} name
 * @param {string} value
 */
const fact = (name, value) => [el("div", {}, el("dt", {}, name), el("dd", {}, value))];

/**
 * The number is on the screen already; its code follows as soon as the server has drawn it.
 * @param {Ticket} ticket
 */
async function drawCode(ticket) {
  try {
    const { rows } = await insist("GET", "/api/v1/ticket/qr", { secret: ticket.secret, patience: 30000 });
    if (shown !== ticket) return;
    byId("issued-qr").replaceChildren(qrPicture(rows, t("kiosk.qr", { number: ticket.number })));
    show(byId("issued-code"), true);
  } catch {
    // The number stands without it.
  }
}

function clear() {
  shown = null;
  setText(byId("issued-number"), "");
  setText(byId("issued-service"), "");
  byId("issued-facts").replaceChildren();
  byId("issued-qr").replaceChildren();
  show(byId("issued-code"), false);
}
