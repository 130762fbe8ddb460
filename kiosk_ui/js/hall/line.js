/** Says in words whether what the overview shows is of now: by the last answer, for a socket may be open and nothing heard. */

import { drawLink } from "../shared/staff.js";
import { heardAt, isFailing } from "./state.js";

/** Longer than the pause between two loads in a quiet hall. */
const STALE_MILLISECONDS = 20000;

let isConnected = false;

/** @param {import("../shared/live.js").Status} status */
export function noteStatus(status) {
  isConnected = status.isConnected;
  drawLine();
}

export function drawLine() {
  const isOff = isFailing() || Date.now() - (heardAt() ?? 0) > STALE_MILLISECONDS;
  drawLink(isOff ? "off" : isConnected ? "on" : "polling", heardAt());
}
