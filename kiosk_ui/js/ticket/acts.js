/** What a visitor does with the ticket: arriving, being late, giving up. */

import { insist, isAway, newKey, problemText } from "../shared/api.js";
import { say } from "../shared/page.js";
import { turns } from "./in_turn.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */
/**
 * @typedef {object} Page
 * @property {string} secret
 * @property {() => Ticket | null} ticket as it is shown
 * @property {() => number} heard how often the ticket was told so far
 * @property {(answer: Ticket) => Promise<void>} hear
 * @property {() => Promise<void>} refresh
 */

/** @type {Page} */
let page;
const inTurn = turns();
/** One key per intent: kept while the outcome is unknown, so that a second press does not do it twice. @type {Map<string, string>} */
const keys = new Map();

/** @param {Page} owner */
export function startActs(owner) {
  page = owner;
}

/**
 * @param {string} verb
 * @param {object} body
 * @param {HTMLElement} button
 * @param {() => string} [words] said when it is done
 * @returns {Promise<{ done: boolean, error?: unknown }>}
 */
export async function act(verb, body, button, words = () => "") {
  // Whoever already sees that it was done means it once more.
  const intent = JSON.stringify([verb, body, page.ticket()?.deferrals_left]);
  return inTurn(intent, button, () => sayHow(send(intent, verb, body), words));
}

/**
 * Before the next one's turn, which says its own.
 * @param {Promise<void>} doing
 * @param {() => string} words
 */
async function sayHow(doing, words) {
  say("");
  try {
    await doing;
    say(words);
  } catch (error) {
    say(() => problemText(error), "error");
    throw error;
  }
}

/**
 * @param {string} intent
 * @param {string} verb
 * @param {object} body
 */
async function send(intent, verb, body) {
  const isRepeated = keys.has(intent);
  const key = keys.get(intent) ?? newKey();
  keys.set(intent, key);
  const heard = page.heard();
  try {
    const answer = await insist("POST", `/api/v1/ticket/${verb}`, { secret: page.secret, body, key });
    keys.delete(intent);
    const isNewest = heard === page.heard();
    if (isNewest) await page.hear(answer);
    // To a second try the first one's answer comes, which may be old.
    if (isRepeated || !isNewest) void page.refresh().catch(() => undefined);
  } catch (error) {
    if (!isAway(error)) keys.delete(intent);
    throw error;
  }
}
