/** When "your turn is near" comes: what the visitor chose, or the service's usual setting. */

import { byId, el, setText } from "../shared/dom.js";
import { onLanguage, t } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */
/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {import("../shared/types.js").Contact} Contact */

const AHEAD = [1, 2, 3, 5, 10, 15];
const MINUTES = [5, 10, 15, 20, 30, 45, 60];
const TRAVEL = [5, 10, 15, 20, 30, 40, 50, 60, 75, 90, 120, 150, 180];
const USUAL_AHEAD = 3;
/** As the server reckons it: minutes to spare after the way, where the service says nothing. */
export const SPARE_MINUTES = 5;

let usualAhead = USUAL_AHEAD;
/** @type {number | null} */
let usualMinutes = null;
/** The service whose usual setting was filled in. */
let filledFor = "";
/** @type {() => void} */
let changed = () => undefined;

/** @param {() => void} onChange the visitor chose */
export function startWhen(onChange) {
  changed = onChange;
  for (const id of ["alert-ahead", "alert-minutes", "alert-travel"]) select(id).addEventListener("change", chosen);
  // The same question is asked where a visitor at home looks first.
  select("leave-travel").addEventListener("change", () => {
    choose("alert-travel", value("leave-travel"));
    chosen();
  });
  onLanguage(draw);
  draw();
}

/**
 * Fills in what is usual for the service or, for a visitor who comes back, what was registered; once for a service.
 * @param {Ticket} ticket
 * @param {ServiceInfo | undefined} service
 */
export function fillWhen(ticket, service) {
  if (!service || filledFor === service.id) return;
  filledFor = service.id;
  usualAhead = service.alert_ahead ?? USUAL_AHEAD;
  usualMinutes = service.alert_minutes ?? null;
  const known = ticket.contact;
  const isKnown = known && (known.ahead !== null || known.minutes !== null);
  draw();
  choose("alert-ahead", isKnown ? known.ahead ?? usualAhead : usualAhead);
  choose("alert-minutes", isKnown ? known.minutes : usualMinutes);
  draw();
}

/** What a registration sends; the server adds the way's minutes up and keeps only the sum. */
export function thresholds() {
  const minutes = value("alert-minutes");
  const travel = value("alert-travel");
  return { ahead: value("alert-ahead") ?? usualAhead, ...(minutes !== null && { minutes }), ...(travel !== null && { travel_minutes: travel }) };
}

/** The same in words, as the person chose it. */
export const whenChosen = () => whenText({ ahead: thresholds().ahead, minutes: effectiveMinutes() });

/** @param {{ ahead: number | null, minutes: number | null }} when */
export function whenText({ ahead, minutes }) {
  return [
    ahead === null ? "" : t("when.ahead_option", { count: ahead }),
    minutes === null ? "" : t("when.minutes_option", { count: minutes }),
  ].filter(Boolean).join(t("when.or"));
}

/**
 * Is the turn as near as the visitor wanted to know?
 * @param {Ticket} ticket
 */
export function isNear({ state, ahead, wait_low: low }) {
  if (!["waiting", "expected"].includes(state)) return false;
  const minutes = effectiveMinutes();
  const byPeople = ahead !== null && ahead <= thresholds().ahead;
  return byPeople || (minutes !== null && low !== null && low <= minutes * 60);
}

/** How long the visitor's way is; null: nearby, or not said. */
export const travelMinutes = () => value("alert-travel");

function effectiveMinutes() {
  const minutes = value("alert-minutes");
  const travel = value("alert-travel");
  return travel === null ? minutes : Math.max(minutes ?? 0, travel + (usualMinutes ?? SPARE_MINUTES));
}

function chosen() {
  draw();
  changed();
}

function draw() {
  options("alert-ahead", AHEAD, usualAhead, "when.ahead_option");
  options("alert-minutes", MINUTES, usualMinutes, "when.minutes_option", "when.no_minutes");
  options("alert-travel", TRAVEL, null, "when.travel_option", "when.no_travel");
  options("leave-travel", TRAVEL, null, "when.travel_option", "when.no_travel");
  choose("leave-travel", value("alert-travel"));
  const isEither = effectiveMinutes() !== null;
  setText(byId("when-chosen"), t(isEither ? "when.chosen_first" : "when.chosen", { when: whenChosen() }));
}

/**
 * @param {string} id
 * @param {number[]} values
 * @param {number | null} usual is offered too, and marked
 * @param {string} key
 * @param {string} [none] what it is called to choose nothing
 */
function options(id, values, usual, key, none) {
  const field = select(id);
  const kept = field.options.length ? field.value : usual === null ? "" : String(usual);
  const offered = [...new Set([...values, ...(usual === null ? [] : [usual]), ...(kept === "" ? [] : [Number(kept)])])].sort((a, b) => a - b);
  const numbers = offered.map((count) => {
    const text = t(key, { count });
    return el("option", { value: String(count) }, count === usual ? t("when.usual", { text }) : text);
  });
  field.replaceChildren(...(none ? [el("option", { value: "" }, t(none))] : []), ...numbers);
  field.value = kept;
}

/**
 * @param {string} id
 * @param {number | null} count
 */
function choose(id, count) {
  const field = select(id);
  if (count !== null && ![...field.options].some((one) => one.value === String(count))) field.append(el("option", { value: String(count) }));
  field.value = count === null ? "" : String(count);
}

/**
 * @param {string} id
 * @returns {number | null}
 */
function value(id) {
  const text = select(id).value;
  return text === "" ? null : Number(text);
}

/** @param {string} id */
const select = (id) => /** @type {HTMLSelectElement} */ (byId(id));
