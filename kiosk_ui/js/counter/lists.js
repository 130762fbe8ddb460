/** The waiting, held, absent and expected tickets, in call order; rows stay where they are while one is about to be clicked. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { minutes } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { channelName, languageTag } from "./current.js";
import { current, mayCall, reasonName, serviceName, theQueue } from "./desk.js";
import { pending } from "./presses.js";
import { onTicket } from "./verbs.js";

/** @typedef {import("../shared/types.js").QueueTicket} QueueTicket */
/** @typedef {import("../shared/types.js").QueueCounter} QueueCounter */
/** @typedef {ReturnType<typeof shown>} Row */

const STATES = ["waiting", "held", "absent", "expected"];
/** @type {Record<string, string[]>} */
const ROW_VERBS = { waiting: ["call", "cancel"], held: ["resume", "cancel"], absent: ["reinstate", "cancel"], expected: ["arrive", "cancel"] };
/** A pointer that rests this long is not about to click. */
const STILL_MILLISECONDS = 2500;

/** @type {Record<string, Row[]>} */
const drawn = {};
let movedAt = 0;
let movedIn = "";

/** @param {() => void} redraw */
export function startLists(redraw) {
  byId("all-services").addEventListener("change", redraw);
  for (const state of STATES) {
    const body = byId(state);
    body.addEventListener("pointermove", () => ([movedAt, movedIn] = [performance.now(), state]));
    body.addEventListener("pointerleave", () => {
      movedIn = "";
      redraw();
    });
  }
}

/** The pointer has left a row in peace: what waited to be drawn may be drawn. */
export const isPointerStill = () => movedIn === "" || performance.now() - movedAt > STILL_MILLISECONDS;

/** @param {QueueCounter} counter */
export function drawLists(counter) {
  const all = /** @type {HTMLInputElement} */ (byId("all-services")).checked;
  for (const state of STATES) {
    const tickets = inOrder(counter, state).filter((ticket) => all || counter.services.includes(ticket.service));
    setText(byId(`${state}-count`), String(tickets.length));
    const rows = steady(state, tickets.map((ticket) => shown(ticket, counter)));
    syncList(byId(state), rows, (row) => row.number, ticketRow);
    show(byId(state === "waiting" ? "no-waiting" : `${state}-card`), (state === "waiting") === (rows.length === 0));
  }
}

/**
 * The order of this counter's calls; tickets of other services come behind.
 * @param {QueueCounter} counter
 * @param {string} state
 */
function inOrder(counter, state) {
  const tickets = (theQueue()?.tickets ?? []).filter((ticket) => ticket.state === state);
  const line = (/** @type {QueueTicket} */ ticket) => {
    const place = counter.services.indexOf(ticket.service);
    return place < 0 ? counter.services.length : counter.order === "listed" ? place : 0;
  };
  if (state !== "waiting") return tickets.sort((one, other) => one.issued_at.localeCompare(other.issued_at));
  return tickets.sort((one, other) => line(one) - line(other) || (one.call_order ?? 0) - (other.call_order ?? 0));
}

/**
 * Only what a row shows, so that rows are redrawn when that changes.
 * @param {QueueTicket} ticket
 * @param {QueueCounter} counter
 */
function shown(ticket, counter) {
  const target = theQueue()?.services.find((service) => service.id === ticket.service)?.wait_target_seconds ?? null;
  return {
    number: ticket.number,
    service: serviceName(ticket.service),
    state: ticket.state,
    language: ticket.language,
    channel: ticket.channel === "web" ? channelName("web") : "",
    reason: reasonName(ticket.reason),
    wait: minutes(ticket.wait_seconds),
    isLate: ticket.state === "waiting" && target !== null && (ticket.wait_seconds ?? 0) > target,
    isFree: current() === undefined,
    isServed: counter.services.includes(ticket.service),
    mayCall: mayCall(),
    pending: pending().find((press) => press.number === ticket.number && !press.isAtCounter)?.verb ?? "",
    isGone: false,
  };
}

/**
 * While the pointer is among the rows none moves: who has left is greyed, who is new comes at the end.
 * @param {string} state
 * @param {Row[]} fresh
 */
function steady(state, fresh) {
  const isAimed = movedIn === state && !isPointerStill();
  const before = drawn[state] ?? [];
  if (isAimed && before.length > 0) {
    const byNumber = new Map(fresh.map((row) => [row.number, row]));
    const kept = before.map((row) => byNumber.get(row.number) ?? { ...row, isGone: true });
    fresh = [...kept, ...fresh.filter((row) => !before.some((old) => old.number === row.number))];
  }
  drawn[state] = fresh;
  return fresh;
}

/** @param {Row} row */
function ticketRow(row) {
  const tags = [
    row.isLate ? el("span", { class: "tag tag-late" }, t("counter.late")) : null,
    row.language === "ja" ? null : languageTag(row.language),
    ...[row.channel, row.reason].filter(Boolean).map((text) => el("span", { class: "tag" }, text)),
  ];
  return el("tr", { "data-testid": `ticket-${row.number}`, "data-gone": row.isGone },
    el("td", {}, el("span", { class: "number" }, row.number)),
    el("td", {}, el("span", { class: "row-service" }, row.service), el("span", { class: "row-tags" }, ...tags)),
    el("td", { class: "right" }, row.wait),
    el("td", {}, el("div", { class: "buttons" }, ...(row.isGone ? [el("span", { class: "soft small" }, t("counter.gone"))] : rowVerbs(row)))));
}

/** @param {Row} row */
function rowVerbs(row) {
  return (ROW_VERBS[row.state] ?? []).filter((verb) => verb !== "call" || (row.mayCall && row.isServed)).map((verb) =>
    el("button", {
      type: "button", class: verb === "cancel" ? "button button-small button-danger" : "button button-small",
      "data-testid": `${verb}-${row.number}`, "aria-label": t("counter.verb_on", { verb: t(`verb.${verb}`), number: row.number }),
      "data-pending": row.pending === verb ? "sent" : null, disabled: verb === "resume" && !row.isFree, onclick: () => void onTicket(verb, row.number),
    }, t(`verb.${verb}`)));
}
