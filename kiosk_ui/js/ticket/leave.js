/** "Set off by": the earliest time at which the turn may come, less the way and a few minutes. The way stays in this page. */

import { serverNow } from "../shared/clock.js";
import { byId, setText, show } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { SPARE_MINUTES, travelMinutes } from "./when.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */

const MINUTE = 60_000;

/** When the figures were last said to be so, by the server's clock: they count from then on. */
let heardAt = 0;

/** They came, or the server said that nothing has changed. */
export function figuresAreOfNow() {
  heardAt = serverNow();
}

/**
 * Only for a web ticket that has not arrived: everybody else is there.
 * @param {Ticket} ticket
 */
export function drawLeave(ticket) {
  const { state, wait_low: low, wait_high: high } = ticket;
  show(byId("leave"), state === "expected");
  if (state !== "expected") return;
  const travel = travelMinutes();
  const isKnown = low !== null && high !== null;
  setText(byId("leave-at"), isKnown && travel !== null ? setOff(heardAt + low * 1000, travel) : "");
  setText(byId("leave-turn"), turn(low, high, travel));
  setText(byId("leave-note"), t("leave.note", { count: SPARE_MINUTES }));
}

/**
 * @param {number} turnAt
 * @param {number} travel minutes
 */
function setOff(turnAt, travel) {
  const at = turnAt - (travel + SPARE_MINUTES) * MINUTE;
  return at - serverNow() < MINUTE ? t("leave.now") : t("leave.at", { time: clockTime(Math.floor(at / MINUTE) * MINUTE) });
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @param {number | null} travel
 */
function turn(low, high, travel) {
  if (low === null || high === null) return t("leave.unknown");
  if (travel === null) return t("leave.choose");
  return t("leave.turn", { from: clockTime(heardAt + low * 1000), until: clockTime(heardAt + high * 1000) });
}
