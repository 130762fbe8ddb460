/** Every press is kept until it is answered: one is on its way, a few wait their turn, and none is done to another visitor. */

import { insist, newKey, Problem } from "../shared/api.js";
import { toSignIn } from "../shared/staff.js";
import { current, theQueue, theSession } from "./desk.js";

const KEPT = "junban.presses";
/** The bounce of a key, or a finger that pressed twice. */
const BOUNCE_MILLISECONDS = 800;
const MOST = 4;
/** After a reload or a new sign-in this late nobody remembers what was pressed. */
const FORGOTTEN_MILLISECONDS = 5 * 60_000;
const TIMEOUT_MILLISECONDS = 8000;

/**
 * @typedef {object} Press
 * @property {string} key the idempotency key, for as long as it takes
 * @property {string} verb
 * @property {string} path
 * @property {string} counter where the clerk sat, or sits down
 * @property {object} body
 * @property {string} number the ticket that is meant; "": none
 * @property {boolean} isAtCounter acts on the ticket that was at the counter when it was pressed
 * @property {string} staff
 * @property {string} [after] the key of the press that it follows from and is nothing without, until that is answered
 * @property {number} at
 * @property {boolean} isSent it may have been carried out
 */
/**
 * @typedef {object} Handlers
 * @property {(press: Press, answer: any) => void} onAnswer
 * @property {(press: Press, error: unknown) => void} onRefused
 * @property {(press: Press, why: "moved_on" | "too_many" | "forgotten" | "alone") => void} onDropped
 * @property {(isAway: boolean) => void} onAway
 * @property {() => void} onChange
 */

/** @type {Press[]} */
let presses = [];
/** @type {Handlers} */
let handlers;
let isWorking = false;
let lastVerb = "";
/** By a clock that nobody sets. */
let lastAt = -BOUNCE_MILLISECONDS;

/** The first is on its way. */
export const pending = () => presses;

/**
 * Goes on with what was pressed before the page was loaded again.
 * @param {Handlers} given
 */
export function startPresses(given) {
  handlers = given;
  for (const press of kept()) {
    const isMine = press.staff === theSession().name && Date.now() - press.at < FORGOTTEN_MILLISECONDS;
    if (isMine) presses.push(press);
    else handlers.onDropped(press, "forgotten");
  }
  changed();
  void work();
}

/** What waits its turn until it is known who is at the counters. */
export const goOn = () => void work();

/**
 * @param {Omit<Press, "key" | "at" | "isSent" | "staff">} asked
 * @returns {boolean} false: it was the bounce of a key, or stands in the line already
 */
export function push(asked) {
  const now = performance.now();
  const sign = `${asked.verb} ${asked.isAtCounter || asked.verb === "undo" ? "" : asked.number}`;
  const isBounce = sign === lastVerb && now - lastAt < BOUNCE_MILLISECONDS;
  const isThere = presses.some((press) => press.verb === asked.verb && press.number === asked.number);
  if (isBounce || isThere) return false;
  const press = { ...asked, key: newKey(), at: Date.now(), isSent: false, staff: theSession().name };
  if (presses.length >= MOST) {
    handlers.onDropped(press, "too_many");
    return false;
  }
  [lastVerb, lastAt] = [sign, now];
  presses.push(press);
  changed();
  void work();
  return true;
}

/**
 * Takes back a press that was not sent yet.
 * @param {Press} press
 * @param {string} [by] the verb that took it back, whose bounce does nothing
 */
export function cancel(press, by = "") {
  presses = presses.filter((each) => each !== press);
  [lastVerb, lastAt] = [by ? `${by} ` : "", performance.now()];
  changed();
}

/** One after the other, in the order of the keys. */
async function work() {
  if (isWorking || !theQueue()) return;
  isWorking = true;
  for (let press = presses[0]; press; press = presses[0]) {
    const why = press.isSent ? null : whyNot(press);
    if (why) {
      remove(press);
      handlers.onDropped(press, why);
      continue;
    }
    press.isSent = true;
    changed();
    if (!(await send(press))) return;
  }
  isWorking = false;
}

/**
 * @param {Press} press
 * @returns {Promise<boolean>} false: the page is being left
 */
async function send(press) {
  const { path, body, key } = press;
  try {
    const answer = await insist("POST", path, { body, key, patience: Infinity, timeout: TIMEOUT_MILLISECONDS, onAway: () => handlers.onAway(true) });
    remove(press);
    for (const next of presses) if (next.after === press.key) follow(next, press, answer);
    handlers.onAway(false);
    handlers.onAnswer(press, answer);
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      toSignIn();
      return false;
    }
    remove(press);
    handlers.onAway(false);
    handlers.onRefused(press, error);
  }
  changed();
  return true;
}

/**
 * What it follows from is done. An undo learns only now whom that was about; a call of nobody still finished somebody.
 * @param {Press} next
 * @param {Press} done
 * @param {any} answer
 */
function follow(next, done, answer) {
  const { finish_number: finished } = /** @type {{ finish_number?: string }} */ (done.body);
  const number = answer?.number ?? finished;
  if (next.verb === "undo" && !number) return;
  delete next.after;
  if (next.verb === "undo") [next.number, next.body] = [number, { number }];
}

/**
 * What it follows from was not done, or the visitor who was meant is not at the counter any more. The server checks the latter too,
 * with the number in the body.
 * @param {Press} press
 */
function whyNot(press) {
  if (press.after) return "alone";
  return press.isAtCounter && (current(press.counter)?.number ?? "") !== press.number ? "moved_on" : null;
}

/** @param {Press} press */
function remove(press) {
  presses = presses.filter((each) => each !== press);
  keep();
}

function changed() {
  keep();
  handlers.onChange();
}

function keep() {
  if (presses.length > 0) sessionStorage.setItem(KEPT, JSON.stringify(presses));
  else sessionStorage.removeItem(KEPT);
}

/** @returns {Press[]} */
function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
}
