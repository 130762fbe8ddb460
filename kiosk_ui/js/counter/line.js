/** Says in words whether the server is heard, and how old the lists are when it is not. */

import { byId, setText, show } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { heardAt } from "./desk.js";
import { pending } from "./presses.js";

/** @typedef {import("../shared/live.js").Status} Status */

const STALE_MILLISECONDS = 20_000;

let isConnected = false;
let isFailing = false;

/** @param {Status} status */
export function noteStatus(status) {
  isConnected = status.isConnected;
  drawLine();
}

/** A request came through, or did not. @param {boolean} failing */
export function noteAnswer(failing) {
  isFailing = failing;
  drawLine();
}

export const isOffline = () => isFailing || Date.now() - (heardAt() ?? 0) > STALE_MILLISECONDS;

/** Where sockets are blocked the lists are asked for every few seconds, which is no fault. */
export function drawLine() {
  const state = byId("link-state");
  const isOff = isOffline();
  const since = heardAt();
  state.classList.toggle("is-off", isOff);
  setText(state, isOff ? t("staff.offline") : isConnected ? t("staff.online") : t("counter.polling"));
  const away = byId("away");
  const words = since ? t("counter.away_since", { time: clockTime(since) }) : t("counter.away");
  setText(away, isOff ? (pending().length > 0 ? `${words} ${t("counter.away_kept")}` : words) : "");
  show(away, isOff);
}
