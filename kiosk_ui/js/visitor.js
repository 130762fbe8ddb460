/** Choose an office and a service, and take a web ticket. */

import { insist, isAway, isNoTicket, problemText, request } from "./shared/api.js";
import { ask, byId, el, setText, show, syncList } from "./shared/dom.js";
import { closedWhy, opens, useZone, waitRange } from "./shared/format.js";
import { offerLanguages, officePath, say, startPage } from "./shared/page.js";
import { language, onLanguage, t } from "./shared/texts.js";
import { answered, questionFor } from "./visitor/unanswered.js";

/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./shared/types.js").ServiceInfo} ServiceInfo */

const REFRESH_SECONDS = 15;
const FIND_AGAIN_SECONDS = 3;
const OPEN_STATES = ["expected", "waiting", "called", "serving", "held", "absent"];

/** @type {{ id: string, name: string }[]} */
let offices = [];
/** @type {OfficeInfo | null} */
let office = null;
/** A link may name the office, so that its own web site leads past the choice. */
let chosen = new URLSearchParams(location.search).get("office") ?? "";
let isTaking = false;

async function start() {
  await startPage();
  if (await leadToMine()) return;
  onLanguage(() => void refresh());
  byId("other-office").addEventListener("click", () => choose(""));
  addEventListener("pageshow", comeBack);
  document.addEventListener("visibilitychange", () => document.hidden || void refresh());
  await refresh();
  setInterval(() => document.hidden || void refresh(), REFRESH_SECONDS * 1000);
}

const wantsAnother = location.search.includes("another");

/**
 * The browser's "back" shows the page as it was left, in the middle of taking a number.
 * @param {PageTransitionEvent} event
 */
function comeBack(event) {
  if (!event.persisted) return;
  isTaking = false;
  say("");
  void findMine();
  void refresh();
}

/**
 * The bare address leads to the visitor's own ticket, if this browser has one that is open. That is asked until it is known, for
 * the visitor would take a second number.
 * @returns {Promise<boolean>}
 */
async function leadToMine() {
  const has = await findMine();
  if (has === null) setTimeout(() => void leadToMine(), FIND_AGAIN_SECONDS * 1000);
  if (!has || wantsAnother || isTaking) return false;
  location.replace("/t");
  return true;
}

/** @returns {Promise<boolean | null>} null: the server has not said */
async function findMine() {
  const has = await hasOpenTicket();
  show(byId("mine"), has === true);
  return has;
}

async function hasOpenTicket() {
  try {
    const ticket = await request("GET", "/api/v1/ticket");
    return OPEN_STATES.includes(ticket.state);
  } catch (error) {
    return isNoTicket(error) ? false : null;
  }
}

async function refresh() {
  const asked = language();
  try {
    const answer = await request("GET", `/api/v1/offices?language=${asked}`);
    // Somebody has chosen another language meanwhile; its names are on their way.
    if (asked !== language()) return;
    offices = answer.offices;
    if (offices.length === 1) chosen = offices[0].id;
    if (!offices.some(({ id }) => id === chosen)) chosen = "";
    if (chosen) await loadOffice();
    show(byId("away"), false);
  } catch (error) {
    if (isAway(error)) show(byId("away"), true);
    else say(() => problemText(error), "error");
  }
  draw();
}

async function loadOffice() {
  const id = chosen;
  const asked = language();
  const answer = await request("GET", `${officePath(id)}?language=${asked}`);
  if (id !== chosen || asked !== language()) return;
  office = answer;
  offerLanguages(answer.languages);
  useZone(answer.time_zone);
}

/** @param {string} id */
function choose(id) {
  chosen = id;
  office = null;
  const address = new URL(location.href);
  if (id) address.searchParams.set("office", id);
  else address.searchParams.delete("office");
  history.replaceState(null, "", address);
  say("");
  draw();
  if (id) void refresh();
}

function draw() {
  setText(byId("office-name"), office?.name ?? t("brand"));
  show(byId("offices"), !chosen && offices.length > 1);
  show(byId("services"), office !== null);
  show(byId("other-office"), offices.length > 1);
  show(byId("what"), office !== null);
  show(byId("what-arrive"), (office?.services ?? []).some((service) => service.on_web && service.arrival_needed));
  show(byId("notice"), Boolean(office?.notice));
  setText(byId("notice"), office?.notice ?? "");
  const canTake = (office?.services ?? []).some(mayTake);
  show(byId("services-note"), canTake);
  show(byId("all-closed"), office !== null && !canTake);
  syncList(byId("office-list"), offices, (one) => one.id, officeButton);
  const services = office?.services ?? [];
  syncList(byId("service-list"), services.map((service) => service.id), (id) => id, serviceButton);
  services.forEach((service, place) => writeService(byId("service-list").children[place], service));
  drawConfirm();
}

/** @param {{ id: string, name: string }} one */
function officeButton(one) {
  return el("button", { type: "button", class: "choice", "data-testid": `office-${one.id}`, onclick: () => choose(one.id) },
    el("span", { class: "choice-name" }, one.name));
}

/**
 * It stays the same element while its words change, so that no touch is lost.
 * @param {string} id
 */
function serviceButton(id) {
  return el("button", { type: "button", class: "choice", "data-testid": `service-${id}`, onclick: () => void confirm(id) },
    el("span", { class: "choice-name" }), el("span", { class: "choice-side" }), el("span", { class: "choice-note" }));
}

/**
 * @param {Element} button
 * @param {ServiceInfo} service
 */
function writeService(button, service) {
  const [name, side, note] = button.children;
  const may = mayTake(service);
  button.toggleAttribute("disabled", !may || isTaking);
  setText(name, service.name);
  setText(side, t("people.waiting", { count: service.waiting_count }));
  setText(note, may ? t("wait.label", { range: waitRange(service.wait_low, service.wait_high) }) : whyNot(service));
  note.classList.toggle("soft", may);
}

/** @param {ServiceInfo} service */
const mayTake = (service) => service.web ?? service.open;

/** Refusals whose words send the visitor to the office. */
const AT_THE_OFFICE = ["not_on_web", "quota_reached", "too_many_open"];

/**
 * Nobody is sent to an office that gives no number either.
 * @param {ServiceInfo} service
 */
function whyNot(service) {
  if (!service.open && AT_THE_OFFICE.includes(service.web_reason ?? "")) {
    return closedWhy(office, service.reason, service.opens_at, t("service.closed"));
  }
  return [
    closedWhy(office, service.web_reason ?? service.reason, null, t("service.not_on_web")),
    service.web_opens_at ? opens(service.web_opens_at) : "",
  ].filter(Boolean).join(" ");
}

/** The service that is asked about. */
let asked = "";

/** @param {string} id */
async function confirm(id) {
  asked = id;
  drawConfirm();
  const answer = await ask(byId("confirm"));
  asked = "";
  if (answer === "yes") await take(id);
}

/** Also while the question stands: the people before one become more or fewer. */
function drawConfirm() {
  const service = office?.services.find(({ id }) => id === asked);
  if (!service) return;
  setText(byId("confirm-heading"), service.name);
  const facts = [
    t("people.waiting", { count: service.waiting_count }),
    t("wait.label", { range: waitRange(service.wait_low, service.wait_high) }),
    service.arrival_needed ? t("ticket.do.expected") : "",
  ];
  syncList(byId("confirm-facts"), facts.filter(Boolean), (fact) => fact, (fact) => el("li", {}, fact));
}

/** @param {string} service */
async function take(service) {
  if (isTaking) return;
  isTaking = true;
  say(() => t("visitor.taking"));
  draw();
  const at = chosen;
  const question = questionFor(at, service, { service, language: language(), via: "web" });
  try {
    const ticket = await insist("POST", `${officePath(at)}/tickets`, { ...question, onAway: () => show(byId("away"), true) });
    answered(at, service);
    location.assign(`/t#${ticket.secret}`);
  } catch (error) {
    if (!isAway(error)) answered(at, service);
    say(() => problemText(error), "error");
    isTaking = false;
    await refresh();
  }
}

void start();
