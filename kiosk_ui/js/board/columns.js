/** The called numbers and the waiting rows: of all services, or a column for each group of them. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { counterName, waitRange } from "../shared/format.js";
import { translate } from "../shared/texts.js";
import { arrow } from "./direction.js";

/** @typedef {import("../shared/types.js").Hall} Hall */
/** @typedef {import("../shared/types.js").Call} Call */
/** @typedef {import("../shared/types.js").LiveService} LiveService */
/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {{ id: string, name: string, services: string[] }} Group */
/** @typedef {{ calls: HTMLElement, none: HTMLElement, waits: HTMLElement, more: HTMLElement, group: Group | null }} Column */

const NEXT_SHOWN = 6;
/** How the waiting rows may be set, from the roomiest on. */
const SETTINGS = ["full", "pairs", "short", "columns"];
const MOST_ACROSS = 4;
/** From this width to height on, the window stands beside the number, not below it. */
const SIDE_BY_SIDE = 3.2;

/** @type {Column[]} */
let columns = [];
let sign = "";

/**
 * The columns that this board has; rebuilt only when the office's groups have changed.
 * @param {OfficeInfo | undefined} office
 * @param {OfficeInfo | undefined} english
 */
function columnsOf(office, english) {
  const groups = chosenGroups(office);
  const fresh = JSON.stringify([groups, english?.board.groups]);
  if (columns.length && fresh === sign) return columns;
  sign = fresh;
  document.body.classList.toggle("has-columns", groups.length > 0);
  byId("columns").dataset.count = String(groups.length);
  show(byId("columns"), groups.length > 0);
  show(byId("all-calls"), groups.length === 0);
  show(byId("all-waits"), groups.length === 0);
  columns = groups.length ? groups.map((group) => build(group, english)) : [single()];
  byId("columns").replaceChildren(...(groups.length ? columns.map((column) => /** @type {Node} */ (column.calls.parentElement)) : []));
  return columns;
}

/**
 * `?group=ID` shows one group alone.
 * @param {OfficeInfo | undefined} office
 * @returns {Group[]}
 */
function chosenGroups(office) {
  const groups = office?.board.groups ?? [];
  const wanted = new URLSearchParams(location.search).getAll("group");
  const chosen = groups.filter((group) => wanted.includes(group.id));
  return chosen.length ? chosen : groups;
}

/** @returns {Column} */
const single = () => ({ calls: byId("calls"), none: byId("no-calls"), waits: byId("waits"), more: byId("waits-more"), group: null });

/**
 * @param {Group} group
 * @param {OfficeInfo | undefined} english
 * @returns {Column}
 */
function build(group, english) {
  const calls = el("div", { class: "calls" });
  const none = el("p", { class: "none" }, translate("ja", "board.nobody"));
  const waits = el("div", { class: "waits" });
  const more = el("p", { class: "waits-more", hidden: true });
  const name = english?.board.groups.find((each) => each.id === group.id)?.name ?? "";
  const title = el("h2", {}, el("span", {}, group.name), name && name !== group.name ? el("span", { class: "en", lang: "en" }, name) : null);
  el("section", { class: "column", "aria-label": group.name, "data-testid": `group-${group.id}` }, title, calls, none, waits, more);
  return { calls, none, waits, more, group };
}

/**
 * @param {Hall} hall
 * @param {OfficeInfo | undefined} office
 * @param {OfficeInfo | undefined} english
 * @param {string | null} spoken the number that is being announced
 */
export function drawColumns(hall, office, english, spoken) {
  for (const column of columnsOf(office, english)) {
    drawCalls(column, hall, office, spoken);
    const services = hall.services.filter((service) => !column.group || column.group.services.includes(service.id));
    syncList(column.waits, services.map((service) => withEnglish(service, english)), (service) => service.id, waitRow);
  }
}

/**
 * Whether a call concerns this board: it is at a counter that serves one of the groups shown.
 * @param {Call} call
 * @param {OfficeInfo | undefined} office
 */
export function isOurs(call, office) {
  const groups = chosenGroups(office);
  return !groups.length || groups.some((group) => serves(office, call.counter, group));
}

/**
 * @param {OfficeInfo | undefined} office
 * @param {string} counter
 * @param {Group} group
 */
const serves = (office, counter, group) =>
  office?.counters.find((each) => each.id === counter)?.services.some((service) => group.services.includes(service)) ?? true;

/**
 * @param {Column} column
 * @param {Hall} hall
 * @param {OfficeInfo | undefined} office
 * @param {string | null} spoken
 */
function drawCalls({ calls, none, group }, hall, office, spoken) {
  const calling = hall.counters
    .filter((counter) => counter.calling !== null && (!group || serves(office, counter.id, group)))
    .sort((a, b) => (b.called_at ?? "").localeCompare(a.called_at ?? "") || a.id.localeCompare(b.id))
    .map((counter) => ({
      label: counter.label,
      number: counter.calling ?? "",
      isNew: counter.calling === spoken,
      direction: arrow(office?.board.directions[counter.id]),
    }));
  syncList(calls, calling, (call) => call.label, callTile);
  show(none, calling.length === 0);
  show(calls, calling.length > 0);
}

/** @param {{ label: string, number: string, isNew: boolean, direction: string }} call */
function callTile(call) {
  return el("div", { class: call.isNew ? "call is-new" : "call", "data-testid": `call-${call.number}` },
    el("span", { class: "call-in" },
      el("span", { class: "call-number number", "data-length": lengthOf(call.number, 4, 5) }, call.number),
      el("span", { class: "call-counter", "data-length": lengthOf(counterName(call.label, "ja"), 6, 12) },
        call.direction ? el("span", { class: "call-direction", "aria-hidden": "true" }, call.direction) : null,
        counterName(call.label, "ja"),
        counterName(call.label, "en") === call.label ? null : el("span", { class: "en", lang: "en" }, counterName(call.label, "en")))));
}

/**
 * @param {LiveService} service
 * @param {OfficeInfo | undefined} english
 */
const withEnglish = (service, english) => ({
  ...service,
  waiting: service.waiting.slice(0, NEXT_SHOWN),
  count: service.waiting.length,
  english: english?.services.find((one) => one.id === service.id)?.public_name ?? "",
});

/** @param {LiveService & { english: string, count: number }} service */
function waitRow(service) {
  const english = service.english && service.english !== service.name ? el("span", { class: "en", lang: "en" }, service.english) : null;
  const next = service.waiting.join("　");
  return el("div", { class: "wait", "data-testid": `wait-${service.id}` },
    el("span", { class: "wait-name" }, el("span", {}, service.name), english),
    el("span", { class: "wait-count" }, el("b", { class: "number" }, service.count), translate("ja", "board.people")),
    el("span", { class: "wait-next number" }, next),
    service.open || next ? el("span", { class: "wait-range" }, waitRange(service.wait_low, service.wait_high, "ja")) : closedSign());
}

const closedSign = () =>
  el("span", { class: "wait-range" },
    translate("ja", "board.closed"), el("span", { class: "en", lang: "en" }, translate("en", "board.closed")));

/**
 * Long words are written smaller, so that the room is enough.
 * @param {string} text
 * @param {number} usual
 * @param {number} most
 */
export const lengthOf = (text, usual, most) => (text.length <= usual ? "usual" : text.length <= most ? "long" : "longest");

/** Calls as large as the room and their number allow. */
export function fitCalls() {
  for (const { calls } of columns) {
    const { clientWidth, clientHeight, childElementCount } = calls;
    if (!childElementCount || !clientHeight) continue;
    const best = mostLegible(childElementCount, clientWidth, clientHeight);
    if (calls.dataset.columns !== String(best)) calls.dataset.columns = String(best);
  }
}

/**
 * In how many columns the numbers are largest; board.css has the same shares.
 * @param {number} count
 * @param {number} width
 * @param {number} height
 */
export function mostLegible(count, width, height) {
  let best = 1;
  let largest = 0;
  for (let across = 1; across <= MOST_ACROSS; across += 1) {
    const wide = width / across;
    const high = height / Math.ceil(count / across);
    const size = wide >= SIDE_BY_SIDE * high ? Math.min(0.66 * high, 0.19 * wide) : Math.min(0.46 * high, 0.3 * wide);
    // Not for a little: the window beside the number reads best, and a change of columns is a jump.
    if (size > largest * 1.15) [best, largest] = [across, size];
  }
  return best;
}

/** What does not fit is counted: rows without the next numbers, in two columns, and fewer. */
export function fitWaits() {
  for (const { waits, more } of columns) fit(waits, more);
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} more
 */
function fit(list, more) {
  const rows = /** @type {HTMLElement[]} */ ([...list.children]);
  for (const row of rows) show(row, true);
  show(more, false);
  for (const setting of SETTINGS) {
    list.dataset.setting = setting;
    if (!isTooTall(list)) return;
  }
  show(more, true);
  for (let shown = rows.length - 1; shown > 0 && isTooTall(list); shown -= 1) {
    show(rows[shown], false);
    setText(more, translate("ja", "board.more", { count: rows.length - shown }));
  }
}

/** @param {HTMLElement} list */
export const isTooTall = (list) => list.scrollHeight > list.clientHeight + 1;
