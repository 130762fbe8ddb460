/** "You are called": over the whole screen until the visitor has seen it, and after that a band at the top. */

import { byId, setText, show } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { quiet, ring, sign, signs } from "./signs.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */

/** A call sounds so often in all, until it is seen. */
const RINGS = 3;
const RING_PAUSE_MS = 6000;

/** The call that was announced, and the one that the visitor has seen. */
let announced = "";
let seen = "";
let timer = 0;

export function startCalled() {
  byId("called-quiet").addEventListener("click", () => {
    stopRinging();
    // The button goes, and the focus must not go with it.
    byId("called-seen").focus();
  });
  dialog().addEventListener("close", () => {
    if (!announced) return;
    seen = announced;
    stopRinging();
  });
}

/**
 * @param {Ticket} ticket
 * @param {string} counter its name
 */
export function drawCalled(ticket, counter) {
  const isCalled = ticket.state === "called";
  const isAgain = (ticket.call_count ?? 1) > 1;
  const call = isCalled ? `${ticket.called_at} ${ticket.call_count ?? 1}` : "";
  show(byId("calling"), isCalled);
  if (!isCalled) return endCalled();
  const words = t(isAgain ? "called.again" : "called.number", { number: ticket.number });
  const place = t("called.to", { counter });
  setText(byId("called-words"), words);
  setText(byId("called-counter"), counter);
  setText(byId("calling-words"), words);
  setText(byId("calling-counter"), place);
  if (call !== announced) announce(call, words, place);
}

/**
 * @param {string} call
 * @param {string} title
 * @param {string} body
 */
function announce(call, title, body) {
  announced = call;
  if (!dialog().open) dialog().showModal();
  stopRinging();
  sign({ title, body, isUrgent: true });
  isRinging(signs().isOn);
  ringAgain(RINGS - 1);
}

/** @param {boolean} isSo */
function isRinging(isSo) {
  show(byId("called-quiet"), isSo);
}

/** @param {number} left */
function ringAgain(left) {
  if (left === 0) {
    timer = window.setTimeout(() => isRinging(false), RING_PAUSE_MS);
    return;
  }
  timer = window.setTimeout(() => {
    if (seen === announced) return;
    ring(true);
    ringAgain(left - 1);
  }, RING_PAUSE_MS);
}

/** The call was taken back, or somebody serves the visitor now. */
export function endCalled() {
  const wasCalled = announced !== "";
  announced = "";
  if (dialog().open) dialog().close();
  if (wasCalled) stopRinging();
}

function stopRinging() {
  clearTimeout(timer);
  isRinging(false);
  quiet();
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("called"));
