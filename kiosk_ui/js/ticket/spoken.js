/** What a screen reader is told by itself: the person's own facts when they change, and never the queue step by step. */

import { byId, setText } from "../shared/dom.js";
import { t } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */

const IN_LINE = ["waiting", "expected"];
/** From here on every place counts. */
const CLOSE = 3;
/** Further back only every few places are worth a sentence. */
const STEP = 5;

/** @type {{ state: string, isNear: boolean, ahead: number | null, service: string } | null} */
let told = null;

/**
 * The call itself is read out by its dialog.
 * @param {Ticket} ticket
 * @param {boolean} isNear
 */
export function drawSpoken({ state, ahead, service }, isNear) {
  const place = IN_LINE.includes(state) ? ahead : null;
  if (!isNews({ state, isNear, ahead: place, service })) return;
  told = { state, isNear, ahead: place, service };
  setText(byId("spoken"), [
    t(`state.${state}`),
    isNear ? t("near.heading") : "",
    place === null ? "" : t("people.ahead", { count: place }),
  ].filter(Boolean).join(" "));
}

/** Said anew in another language, or after the page could not know. */
export function forgetSpoken() {
  told = null;
}

/** @param {{ state: string, isNear: boolean, ahead: number | null, service: string }} now */
function isNews(now) {
  if (!told || told.state !== now.state || told.service !== now.service || told.isNear !== now.isNear) return true;
  if (now.ahead === null || told.ahead === null) return now.ahead !== told.ahead;
  if (now.ahead <= CLOSE) return now.ahead !== told.ahead;
  return now.ahead > told.ahead || told.ahead - now.ahead >= STEP;
}

/**
 * A number as voices read it well: letter by letter and digit by digit, not "A twelve" for A012.
 * @param {string} number
 */
export const spokenNumber = (number) => [...number].join(" ");
