/** A number typed by hand: says what Enter would do with it, and does that. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { counterName } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { current, mayCall, mine, serviceName, theCounterId, theQueue, ticketOf } from "./desk.js";
import { tell } from "./said.js";
import { numbersMeant, numberTyped } from "./search.js";
import { onTicket } from "./verbs.js";

/** @typedef {import("../shared/types.js").QueueTicket} QueueTicket */
/** @typedef {{ verb: string, text: string }} Deed `verb` is "" when nothing can be done */

const MOST_CHOICES = 4;

const field = () => /** @type {HTMLInputElement} */ (byId("quick-number"));

export function startQuick() {
  field().addEventListener("input", drawQuick);
  field().addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    leave();
  });
  byId("quick").addEventListener("submit", (event) => {
    event.preventDefault();
    const [only, ...more] = meant();
    if (only && more.length === 0) act(only);
    else drawQuick();
  });
}

export function openQuick() {
  field().focus();
  field().select();
}

function leave() {
  field().value = "";
  drawQuick();
  field().blur();
}

const meant = () => numbersMeant(theQueue()?.tickets ?? [], field().value);

export function drawQuick() {
  const typed = numberTyped(field().value);
  const tickets = meant();
  const [first] = tickets;
  const text = !typed ? t("counter.find_hint") : !first ? t("counter.find_none", { number: typed }) : tickets.length > 1 ? t("counter.find_which") : deed(first).text;
  setText(byId("quick-deed"), text);
  show(byId("quick-choices"), tickets.length > 1);
  const choices = tickets.length > 1 ? tickets.slice(0, MOST_CHOICES).map((ticket) => ({ number: ticket.number, text: deed(ticket).text })) : [];
  syncList(byId("quick-choices"), choices, (one) => one.number, choice);
}

/** @param {{ number: string, text: string }} one */
const choice = ({ number, text }) =>
  el("button", { type: "button", class: "button button-small", "data-testid": `quick-${number}`, onclick: () => act(ticketOf(number)) }, text);

/** @param {QueueTicket | undefined} ticket */
function act(ticket) {
  if (!ticket) return;
  const { verb, text } = deed(ticket);
  if (!verb) return tell(() => text);
  leave();
  void onTicket(verb, ticket.number);
}

/**
 * What the console would do with a ticket.
 * @param {QueueTicket} ticket
 * @returns {Deed}
 */
function deed(ticket) {
  const number = ticket.number;
  const busy = current()?.number;
  switch (ticket.state) {
    case "waiting":
      if (!mine()?.services.includes(ticket.service)) return { verb: "", text: t("counter.find_elsewhere", { number, service: serviceName(ticket.service) }) };
      if (!mayCall()) return { verb: "", text: t("counter.find_not_called", { number }) };
      return { verb: "call", text: busy ? t("counter.find_call_after", { number, busy }) : t("counter.find_call", { number }) };
    case "held":
      return busy ? { verb: "", text: t("counter.find_busy", { number, busy }) } : { verb: "resume", text: t("counter.find_resume", { number }) };
    case "absent":
      return { verb: "reinstate", text: t("counter.find_reinstate", { number }) };
    case "expected":
      return { verb: "arrive", text: t("counter.find_arrive", { number }) };
    default:
      return { verb: "", text: ticket.counter === theCounterId() ? t("counter.find_here", { number }) : t("counter.find_there", { number, counter: labelOf(ticket.counter) }) };
  }
}

/** @param {string | null} id */
const labelOf = (id) => counterName(theQueue()?.counters.find((counter) => counter.id === id)?.label ?? id ?? "");
