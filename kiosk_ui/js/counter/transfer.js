/** Where a visitor is sent: a dialog that finds a service by name, reading or id, and says whether it is open and how long its queue is. */

import { request } from "../shared/api.js";
import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { officePath } from "../shared/page.js";
import { hasText, t } from "../shared/texts.js";
import { loadOffice, reasonName, theOffice, theQueue, ticketOf } from "./desk.js";
import { answerOf } from "./pick.js";
import { found, wordsOf } from "./search.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {{ id: string, name: string, other: string, words: string[] }} Target */

/** In these a name may be typed, whatever the page is read in. */
const SEARCHED = ["ja", "en", "ja-x-easy"];

/** @type {Map<string, string[]>} */
let namesById = new Map();
/** @type {Target[]} */
let all = [];
/** @type {Target[]} */
let shown = [];
let place = 0;
let sent = "";

/** The names in all languages that are searched; without them the page's own do. */
export async function loadNames() {
  const offices = await Promise.all(SEARCHED.map((lang) => request("GET", `${officePath()}?language=${lang}`)));
  const names = new Map();
  for (const { services } of offices) for (const { id, name } of services) names.set(id, [...(names.get(id) ?? []), name]);
  namesById = names;
}

/**
 * @param {string} number
 * @returns {Promise<string>} a service, or ""
 */
export async function chooseService(number) {
  const field = /** @type {HTMLInputElement} */ (byId("transfer-search"));
  sent = number;
  field.value = "";
  setText(byId("transfer-heading"), t("counter.transfer_to", { number }));
  search();
  const answer = answerOf(theDialog(), (digit) => document.querySelectorAll("#transfer-options button").item(Number(digit) - 1));
  void loadOffice().then(drawTargets, () => undefined);
  return answer;
}

const theDialog = () => /** @type {HTMLDialogElement} */ (byId("transfer"));

/** What is known of the services by now. */
export function drawTargets() {
  if (theDialog().open) draw();
}

export function startTransfer() {
  byId("transfer-search").addEventListener("input", search);
  document.addEventListener("keydown", onKey);
}

/** @param {ServiceInfo} service */
function target({ id, name }) {
  const names = namesById.get(id) ?? [name];
  const other = names.slice(0, 2).find((one) => one !== name) ?? "";
  return { id, name, other, words: [...wordsOf([...names, name]), id] };
}

function search() {
  place = 0;
  draw();
}

function draw() {
  all = (theOffice()?.services ?? []).filter((service) => service.id !== ticketOf(sent)?.service).map(target);
  shown = found(all, /** @type {HTMLInputElement} */ (byId("transfer-search")).value);
  syncList(byId("transfer-options"), shown.map(optionOf), (one) => one.id, option);
  setText(byId("transfer-none"), t(theOffice() ? "counter.transfer_none" : "staff.trying"));
  show(byId("transfer-none"), shown.length === 0);
  mark();
}

/**
 * @param {Target} one
 * @param {number} index
 */
function optionOf(one, index) {
  const info = theOffice()?.services.find((service) => service.id === one.id);
  const waiting = theQueue()?.tickets.filter((ticket) => ticket.state === "waiting" && ticket.service === one.id).length ?? 0;
  const isClosed = info?.open === false;
  const state = isClosed ? t("counter.target_closed", { reason: closedWhy(info.reason) }) : t("counter.target_open");
  return { id: one.id, name: one.name, other: one.other, key: index < 9 ? String(index + 1) : "", isClosed, state, waiting };
}

/** @param {ReturnType<typeof optionOf>} one */
function option({ id, name, other, key, isClosed, state, waiting }) {
  return el("button", { type: "submit", class: "button target", value: id, id: `target-${id}`, "data-testid": `pick-${id}`, "data-closed": isClosed, "aria-keyshortcuts": key || null },
    key ? el("kbd", { "aria-hidden": "true" }, key) : null,
    el("span", { class: "target-name" }, name, " ", el("span", { class: "soft small" }, other)),
    el("span", { class: "target-state" }, el("span", { class: isClosed ? "tag tag-call" : "tag tag-serving" }, state), " ", t("counter.people", { count: waiting })));
}

/** @param {string | null | undefined} code */
function closedWhy(code) {
  if (!code) return "";
  return hasText(`error.${code}`) ? "" : reasonName(code);
}

/** The arrows move the mark while the field keeps the focus; Enter takes what is marked, unless a button has the focus. @param {KeyboardEvent} event */
function onKey(event) {
  if (event.isComposing || !theDialog().open || event.target instanceof HTMLButtonElement) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
  if (step !== 0) {
    event.preventDefault();
    place = Math.min(Math.max(place + step, 0), shown.length - 1);
    mark();
  } else if (event.key === "Enter") {
    event.preventDefault();
    const one = shown[place];
    if (one) theDialog().close(one.id);
  }
}

function mark() {
  const one = shown[place];
  for (const button of document.querySelectorAll("#transfer-options button")) {
    const isMarked = button.id === `target-${one?.id}`;
    button.classList.toggle("is-marked", isMarked);
    if (isMarked) button.scrollIntoView({ block: "nearest" });
  }
  setText(byId("transfer-marked"), one ? t("counter.target_marked", { service: one.name }) : "");
}
