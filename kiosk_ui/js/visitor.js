/** Choose an office and a service, and take a web ticket. */

import { insist, isAway, newKey, problemText, request } from "./shared/api.js";
import { ask, byId, el, setText, show, syncList } from "./shared/dom.js";
import { closedWhy, useZone, waitRange } from "./shared/format.js";
import { offerLanguages, officePath, say, startPage } from "./shared/page.js";
import { language, onLanguage, t } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./shared/types.js").ServiceInfo} ServiceInfo */

const REFRESH_SECONDS = 15;
const OPEN_STATES = ["expected", "waiting", "called", "serving", "held", "absent"];

/** @type {{ id: string, name: string }[]} */
let offices = [];
/** @type {OfficeInfo | null} */
let office = null;
let chosen = "";
/** One key per intent: kept while the outcome is unknown, so that a retry gives the same ticket. @type {Map<string, string>} */
const keys = new Map();
let isTaking = false;

async function start() {
  await startPage();
  if (await hasTicket()) return location.replace("/t");
  onLanguage(() => void refresh());
  byId("other-office").addEventListener("click", () => choose(""));
  await refresh();
  setInterval(() => document.hidden || void refresh(), REFRESH_SECONDS * 1000);
}

/** The bare address leads to the visitor's own ticket, if this browser has one. */
async function hasTicket() {
  if (location.search.includes("another")) return false;
  try {
    const ticket = await request("GET", "/api/v1/ticket");
    return OPEN_STATES.includes(ticket.state);
  } catch {
    return false;
  }
}

async function refresh() {
  try {
    offices = (await request("GET", `/api/v1/offices?language=${language()}`)).offices;
    if (offices.length === 1) chosen = offices[0].id;
    if (chosen) await loadOffice();
    show(byId("away"), false);
  } catch (error) {
    if (isAway(error)) show(byId("away"), true);
    else say(problemText(error), "error");
  }
  draw();
}

async function loadOffice() {
  const id = chosen;
  const answer = await request("GET", `${officePath(id)}?language=${language()}`);
  if (id !== chosen) return;
  office = answer;
  offerLanguages(answer.languages);
  useZone(answer.time_zone);
}

/** @param {string} id */
function choose(id) {
  chosen = id;
  office = null;
  say("");
  draw();
  if (id) void refresh();
}

function draw() {
  setText(byId("office-name"), office?.name ?? t("brand"));
  show(byId("offices"), !chosen && offices.length > 1);
  show(byId("services"), office !== null);
  show(byId("other-office"), offices.length > 1);
  syncList(byId("office-list"), offices, (one) => one.id, officeButton);
  const services = (office?.services ?? []).map((service) => ({ ...service, isTaking }));
  syncList(byId("service-list"), services, (service) => service.id, serviceButton);
}

/** @param {{ id: string, name: string }} one */
function officeButton(one) {
  return el("button", { type: "button", class: "choice", "data-testid": `office-${one.id}`, onclick: () => choose(one.id) },
    el("span", { class: "choice-name" }, one.name));
}

/** @param {ServiceInfo & { isTaking: boolean }} service */
function serviceButton(service) {
  const attributes = {
    type: "button", class: "choice", "data-testid": `service-${service.id}`, disabled: !mayTake(service) || service.isTaking,
    onclick: () => void confirm(service),
  };
  return el("button", attributes,
    el("span", { class: "choice-name" }, service.name),
    el("span", { class: "choice-side" }, t("people.waiting", { count: service.waiting_count })),
    mayTake(service)
      ? el("span", { class: "choice-note soft" }, t("wait.label", { range: waitRange(service.wait_low, service.wait_high) }))
      : el("span", { class: "choice-note" }, whyNot(service)));
}

/** @param {ServiceInfo} service */
const mayTake = (service) => service.web ?? service.open;

/** @param {ServiceInfo} service */
const whyNot = (service) => closedWhy(office, service.web_reason ?? service.reason, service.opens_at, t("service.not_on_web"));

/** @param {ServiceInfo} service */
async function confirm(service) {
  setText(byId("confirm-heading"), service.name);
  const answer = await ask(byId("confirm"));
  if (answer === "yes") await take(service.id);
}

/** @param {string} service */
async function take(service) {
  if (isTaking) return;
  isTaking = true;
  say("");
  draw();
  const key = keys.get(service) ?? newKey();
  keys.set(service, key);
  try {
    const body = { service, language: language(), via: "web" };
    const ticket = await insist("POST", `${officePath(chosen)}/tickets`, { body, key, onAway: () => show(byId("away"), true) });
    location.assign(`/t#${ticket.secret}`);
  } catch (error) {
    if (!isAway(error)) keys.delete(service);
    say(problemText(error), "error");
    isTaking = false;
    await refresh();
  }
}

void start();
