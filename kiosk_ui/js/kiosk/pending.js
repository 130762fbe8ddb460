/**
 * Touches without an answer. A touch whose visitor has gone may have made a number that nobody saw: it is asked for again and
 * given back, also after the page was loaded anew. What is kept is the request's key, which is worth nothing without this
 * machine's own cookie; a ticket's secret is never kept.
 */

import { insist, isAway, newKey, request, sleep } from "../shared/api.js";
import { officePath } from "../shared/page.js";

/** @typedef {{ key: string, body: Record<string, unknown>, day: string | null, at: number }} Touch */

const KEPT = "junban.kiosk.unanswered";
const PAUSE_SECONDS = 5;
/** With another day's key the server would give a new number. */
const LONGEST_AGE_MS = 6 * 3600 * 1000;

/** Where nothing can be kept this list still serves until the page is left. @type {Touch[]} */
let touches = read();

/**
 * @param {Record<string, unknown>} body
 * @param {string | null} day the office's business day
 * @returns {Touch}
 */
export function newTouch(body, day) {
  const touch = { key: newKey(), body, day, at: Date.now() };
  keep([...touches, touch]);
  return touch;
}

/** The visitor saw the number, or there is none. @param {Touch} touch */
export const answered = (touch) => keep(touches.filter((each) => each.key !== touch.key));

/** The visitor saw the number and does not want it. @param {Touch} touch */
export function giveBack(touch) {
  keep([...touches.filter((each) => each.key !== touch.key), touch]);
  return settle(touch);
}

/**
 * What an earlier page of this machine left behind.
 * @param {string | null} day the office's business day
 */
export function settleLeftovers(day) {
  for (const touch of touches) {
    const age = Date.now() - touch.at;
    if (touch.day === day || (age >= 0 && age < LONGEST_AGE_MS)) void settle(touch);
    else answered(touch);
  }
}

/**
 * Asks until the server has told what became of the touch, and gives its number back.
 * @param {Touch} touch
 */
export async function settle(touch) {
  for (;;) {
    try {
      const ticket = await request("POST", `${officePath()}/tickets`, { body: touch.body, key: touch.key });
      await insist("POST", "/api/v1/ticket/cancel", { secret: ticket.secret, body: {}, key: newKey(), patience: 60000 });
      return answered(touch);
    } catch (error) {
      if (!isAway(error)) return answered(touch);
    }
    await sleep(PAUSE_SECONDS * 1000);
  }
}

/** @param {Touch[]} list */
function keep(list) {
  touches = list;
  try {
    if (list.length) localStorage.setItem(KEPT, JSON.stringify(list));
    else localStorage.removeItem(KEPT);
  } catch {
    // The list in memory is all there is.
  }
}

/** @returns {Touch[]} */
function read() {
  try {
    const list = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    return Array.isArray(list) ? list.filter((each) => typeof each?.key === "string") : [];
  } catch {
    return [];
  }
}
