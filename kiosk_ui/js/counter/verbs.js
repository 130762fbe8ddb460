/** The verbs of the counter: one key each, when they apply, and what is sent. */

import { officePath } from "../shared/page.js";
import { hasText, t } from "../shared/texts.js";
import { current, mine, theCounterId, theOffice } from "./desk.js";
import { chooseReason, sure } from "./pick.js";
import { cancel, pending, push } from "./presses.js";
import { tell } from "./said.js";
import { chooseService } from "./transfer.js";

/**
 * In the order of the buttons: key, and the states of the current ticket in which they apply.
 * @type {{ verb: string, key: string, states: string[] }[]}
 */
export const VERBS = [
  { verb: "next", key: "N", states: ["", "called", "serving"] },
  { verb: "recall", key: "R", states: ["called"] },
  { verb: "start", key: "S", states: ["called"] },
  { verb: "complete", key: "C", states: ["called", "serving"] },
  { verb: "absent", key: "A", states: ["called"] },
  { verb: "hold", key: "H", states: ["called", "serving"] },
  { verb: "transfer", key: "T", states: ["called", "serving"] },
  { verb: "undo", key: "U", states: [] },
];

export const counterPath = (id = theCounterId()) => `${officePath()}/counters/${encodeURIComponent(id)}`;

/**
 * Sends a verb that is about the ticket at the counter.
 * @param {string} verb as on the button
 * @param {string} path as in the API
 * @param {string} number
 * @param {object} [body]
 */
const atCounter = (verb, path, number, body = {}) =>
  push({ ...here(verb, path), body: number ? { number, ...body } : body, number, isAtCounter: true });

/** @param {string} verb @param {string} path */
const here = (verb, path, counter = theCounterId()) => ({ verb, path: `${counterPath(counter)}/${path}`, counter });

/** @param {string} verb */
export async function press(verb) {
  const number = current()?.number ?? "";
  switch (verb) {
    case "next":
      return next(number);
    case "absent":
      return void atCounter(verb, "no-show", number);
    case "hold":
      return hold(number);
    case "transfer":
      return transfer(number);
    case "undo":
      return undo();
    case "break":
    case "close":
      return leave(verb, number);
    default:
      atCounter(verb, verb, number);
  }
}

/** Behind the press that opens a counter it is for that counter, where nobody is seen yet. @param {string} number */
function next(number) {
  const opening = mine() ? undefined : pending().find((one) => one.verb === "open");
  const call = { ...here("next", "call-next", opening?.counter), isAtCounter: true };
  if (opening) push({ ...call, body: {}, number: "", after: opening.key });
  else if (mine()) push({ ...call, body: finish(), number });
}

/** The visitor who is there is finished with the call of the next, and only that visitor. */
function finish() {
  const number = current()?.number;
  return number ? { finish: "complete", finish_number: number } : {};
}

/** @param {string} number */
async function hold(number) {
  const office = theOffice();
  // Why somebody is held is not left out because the office's reasons have not come yet.
  if (!office) return tell(() => t("error.unreachable"));
  const reason = await chooseReason(t("counter.hold_why", { number }), office.reasons ?? []);
  if (reason !== null) atCounter("hold", "hold", number, reason ? { reason } : {});
}

/** @param {string} number */
async function transfer(number) {
  const service = await chooseService(number);
  if (!service) return;
  const reason = await chooseReason(t("counter.transfer_why", { number }), theOffice()?.reasons ?? []);
  if (reason !== null) atCounter("transfer", "transfer", number, { service, ...(reason ? { reason } : {}) });
}

const UNDOABLE = ["next", "call", "complete", "absent"];

/** The last press on its way that U would take back. */
export const undoable = () => pending().filter((one) => UNDOABLE.includes(one.verb)).at(-1);

/** Takes back what was pressed last, whether it waits, is on its way or is answered. */
function undo() {
  const last = undoable();
  if (last && !last.isSent) return takeBack(last, "undo");
  if (last) return void push({ ...here("undo", "undo", last.counter), body: {}, number: "", isAtCounter: false, after: last.key });
  const step = mine()?.undo;
  if (step) push({ ...here("undo", "undo"), body: { number: step.number }, number: step.number, isAtCounter: false });
}

/**
 * @param {import("./presses.js").Press} unsent
 * @param {string} [by] the verb that takes it back
 */
export function takeBack(unsent, by) {
  cancel(unsent, by);
  tell(() => t("counter.cancelled_press", { verb: pressName(unsent) }), "info");
}

/**
 * @param {"break" | "close"} verb
 * @param {string} number
 */
function leave(verb, number) {
  if (number) return tell(() => t("counter.leave_busy", { number }));
  push({ ...here(verb, "close"), body: verb === "break" ? { reason: "break" } : {}, number: "", isAtCounter: true });
}

/**
 * Sits down, or comes back from a break.
 * @param {string} id
 */
export function sit(id) {
  push({ ...here("open", "open", id), body: {}, number: "", isAtCounter: false });
}

/**
 * A verb on a chosen ticket of the lists.
 * @param {string} verb
 * @param {string} number
 */
export async function onTicket(verb, number) {
  if (verb === "cancel" && !(await sure(t("counter.cancel_ask", { number }), t("counter.cancel_yes")))) return;
  if (verb === "call") {
    push({ ...here(verb, "call"), body: { number, ...finish() }, number, isAtCounter: false });
    return;
  }
  const counter = theCounterId();
  const body = verb === "resume" ? { counter } : {};
  push({ verb, path: `${officePath()}/tickets/${encodeURIComponent(number)}/${verb}`, counter, body, number, isAtCounter: false });
}

/**
 * What was pressed, and on whom.
 * @param {Pick<import("./presses.js").Press, "verb" | "number">} one
 */
export function pressName({ verb, number }) {
  const key = verb === "next" && number ? "verb.complete_next" : `verb.${verb}`;
  const name = hasText(key) ? t(key) : verb;
  return number ? t("counter.verb_on", { verb: name, number }) : name;
}
