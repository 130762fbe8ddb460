/** One line of the daily list, and how lines are put in order. */

import { el } from "../shared/dom.js";
import { clockTime, minutes } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { openCorrect } from "./correct.js";
import { known, reasonName, serviceName } from "./state.js";

/**
 * @typedef {object} DayTicket
 * @property {string} number
 * @property {string} service
 * @property {string} channel
 * @property {string} language
 * @property {string} state
 * @property {string} issued_at
 * @property {string | null} first_called_at
 * @property {number | null} wait_seconds
 * @property {number} served_seconds
 * @property {string | null} counter
 * @property {string | null} corrected_at
 * @property {string | null} corrected_by
 * @property {string | null} corrected_reason
 * @property {string | null} was_state
 * @property {string | null} was_service
 */

/** @type {{ name: keyof DayTicket, label: string, isRight?: boolean }[]} */
export const COLUMNS = [
  { name: "number", label: "col.number" },
  { name: "service", label: "col.service" },
  { name: "state", label: "col.state" },
  { name: "channel", label: "col.channel" },
  { name: "issued_at", label: "col.issued" },
  { name: "first_called_at", label: "col.called" },
  { name: "wait_seconds", label: "col.wait", isRight: true },
  { name: "served_seconds", label: "hall.served", isRight: true },
  { name: "counter", label: "col.counter" },
];
const CORRECTABLE = ["completed", "absent", "cancelled", "expired"];

/**
 * Nothing comes last, whichever way it is sorted.
 * @param {readonly DayTicket[]} tickets
 * @param {{ column: string, isDown: boolean }} order
 */
export function sorted(tickets, { column, isDown }) {
  const value = (/** @type {any} */ one) => one[column];
  const sign = isDown ? -1 : 1;
  return [...tickets].sort((a, b) => {
    const [one, other] = [value(a), value(b)];
    if (one === other) return 0;
    if (one === null || one === undefined) return 1;
    if (other === null || other === undefined) return -1;
    return sign * (typeof one === "number" ? one - other : String(one).localeCompare(String(other), "en", { numeric: true }));
  });
}

/**
 * @param {DayTicket} ticket
 * @param {string | null} openDay the list's day, while its tickets can be corrected
 */
export function listRow(ticket, openDay) {
  const counter = known.office?.counters.find((one) => one.id === ticket.counter)?.label ?? ticket.counter ?? "";
  return el("tr", { "data-testid": `row-${ticket.number}` },
    el("th", { scope: "row", class: "number" }, ticket.number),
    el("td", {}, serviceName(ticket.service)),
    el("td", {}, t(`hall.state.${ticket.state}`), correction(ticket)),
    el("td", {}, t(`channel.${ticket.channel}`)),
    el("td", { class: "figure" }, clockTime(ticket.issued_at)),
    el("td", { class: "figure" }, ticket.first_called_at ? clockTime(ticket.first_called_at) : ""),
    el("td", { class: "figure right" }, minutes(ticket.wait_seconds)),
    el("td", { class: "figure right" }, ticket.served_seconds ? minutes(ticket.served_seconds) : ""),
    el("td", {}, counter),
    el("td", { class: "right" }, openDay && CORRECTABLE.includes(ticket.state)
      ? el("button", { type: "button", class: "button button-small", "data-testid": `correct-${ticket.number}`, "aria-label": t("hall.correct_of", { number: ticket.number }), onclick: () => openCorrect(ticket, openDay) }, t("hall.correct"))
      : null));
}

/** @param {DayTicket} ticket */
function correction(ticket) {
  if (!ticket.corrected_at || !ticket.was_state || !ticket.was_service) return null;
  const before = [
    ticket.was_state === ticket.state ? "" : t(`hall.state.${ticket.was_state}`),
    ticket.was_service === ticket.service ? "" : serviceName(ticket.was_service),
  ].filter(Boolean);
  const now = [
    ticket.was_state === ticket.state ? "" : t(`hall.state.${ticket.state}`),
    ticket.was_service === ticket.service ? "" : serviceName(ticket.service),
  ].filter(Boolean);
  const change = before.length ? t("hall.corrected_from", { before: before.join("・"), after: now.join("・") }) : "";
  const who = (ticket.corrected_by ?? "").replace(/^staff:/, "");
  return el("span", { class: "corrected" },
    el("b", {}, t("hall.corrected")), " ",
    [change, t("hall.corrected_by", { time: clockTime(ticket.corrected_at), name: who, reason: reasonName(ticket.corrected_reason) })].filter(Boolean).join(" "));
}
