/** The ticket machine: a service is touched, a number is shown, and the start comes back by itself. */

import { insist, isAway, newKey, problemText, request, sleep } from "./shared/api.js";
import { byId, el, setText, show, syncList } from "./shared/dom.js";
import { closedWhy, useZone, waitRange } from "./shared/format.js";
import { follow } from "./shared/live.js";
import { offerLanguages, officeId, officePath, say, startPage } from "./shared/page.js";
import { language, onLanguage, t, useLanguage } from "./shared/texts.js";
import { printSlip } from "./slip.js";

/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./shared/types.js").ServiceInfo} ServiceInfo */

const SHOWN_SECONDS = 15;
/** Without a slip the number has to be noted. */
const NO_SLIP_SECONDS = 60;
const IDLE_SECONDS = 40;
const GIVE_UP_SECONDS = 60;
const REFRESH_SECONDS = 2;
const SCREENS = ["start", "working", "issued", "arrival", "arrived"];
const KEYS = [..."1234567890", ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

/** @type {OfficeInfo | null} */
let office = null;
let screen = "start";
let isAwayNow = false;
let backTimer = 0;
let refreshTimer = 0;
/** The visitor's present intent; another visitor's touch makes another. @type {{ key: string } | null} */
let intent = null;
const firstLanguage = { code: "ja" };

async function start() {
  await startPage({ remembers: false });
  for (const id of ["done", "arrived-done", "arrival-back", "give-up"]) byId(id).addEventListener("click", home);
  byId("to-arrival").addEventListener("click", () => go("arrival", IDLE_SECONDS));
  byId("arrival-form").addEventListener("submit", arrive);
  byId("keys").replaceChildren(...keypad());
  onLanguage(() => {
    byId("keys").replaceChildren(...keypad());
    void refresh();
  });
  document.body.addEventListener("pointerdown", stayAwake);
  document.body.addEventListener("contextmenu", (event) => event.preventDefault());
  await refresh();
  follow(officeId(), {
    onFrame: (frame) => frame.type !== "pulse" && soon(),
    onStatus: ({ isStale, isConnected }) => (isConnected ? soon() : isStale && setAway(true)),
    poll: ask,
    pollSeconds: 5,
  });
  setInterval(() => void refresh(), 30000);
}

/** @param {boolean} away */
function setAway(away) {
  isAwayNow = away;
  show(byId("away"), away);
  draw();
}

/** Many changes at once are one question. */
function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
  }, REFRESH_SECONDS * 500);
}

async function ask() {
  const answer = await request("GET", `${officePath()}?language=${language()}`);
  office = answer;
  useOfficeLanguages(answer.languages);
  useZone(answer.time_zone);
  setAway(false);
}

/**
 * The office's first language is where every visitor starts.
 * @param {string[]} languages
 */
function useOfficeLanguages(languages) {
  offerLanguages(languages);
  if (firstLanguage.code === languages[0]) return;
  firstLanguage.code = languages[0];
  if (screen === "start") void useLanguage(firstLanguage.code, false);
}

async function refresh() {
  try {
    await ask();
  } catch (error) {
    if (isAway(error)) setAway(true);
    else say(problemText(error), "error");
  }
}

/**
 * @param {string} next
 * @param {number} [seconds] until the start comes back
 */
function go(next, seconds) {
  screen = next;
  for (const id of SCREENS) show(byId(id), id === next);
  clearTimeout(backTimer);
  if (seconds) backTimer = window.setTimeout(home, seconds * 1000);
  if (next === "arrival") byId("arrival-number").focus();
  else if (next !== "start") byId(`${next}-heading`).focus({ preventScroll: true });
}

function home() {
  intent = null;
  say("");
  /** @type {HTMLInputElement} */ (byId("arrival-number")).value = "";
  setText(byId("issued-number"), "");
  go("start");
  if (language() !== firstLanguage.code) void useLanguage(firstLanguage.code, false);
  else draw();
}

/** A touch on the arrival screen gives more time. */
function stayAwake() {
  if (screen === "arrival") go("arrival", IDLE_SECONDS);
}

function draw() {
  setText(byId("office-name"), office?.name ?? t("brand"));
  const services = (office?.services ?? []).map((service) => ({ ...service, isAwayNow }));
  byId("service-list").dataset.size = services.length <= 4 ? "few" : "many";
  syncList(byId("service-list"), services, (service) => service.id, serviceButton);
  show(byId("closed"), office !== null && !office.services.some(mayTake));
  show(byId("to-arrival"), office?.arrival?.includes("kiosk") ?? false);
  /** @type {HTMLButtonElement} */ (byId("to-arrival")).disabled = isAwayNow;
}

/** @param {ServiceInfo} service */
const mayTake = (service) => service.kiosk ?? service.open;

/** @param {ServiceInfo & { isAwayNow: boolean }} service */
function serviceButton(service) {
  const attributes = {
    type: "button", class: "service", "data-testid": `service-${service.id}`, disabled: !mayTake(service) || service.isAwayNow,
    onclick: () => void take(service),
  };
  return el("button", attributes, el("span", { class: "service-name" }, service.name), mayTake(service) ? wait(service) : closed(service));
}

/** @param {ServiceInfo} service */
function wait(service) {
  return el("span", { class: "service-wait" },
    el("span", {}, t("kiosk.waiting"), " ", el("b", {}, t("people.count", { count: service.waiting_count }))),
    el("span", {}, t("kiosk.wait"), " ", el("b", {}, waitRange(service.wait_low, service.wait_high))));
}

/** @param {ServiceInfo} service */
function closed(service) {
  return el("span", { class: "service-closed" }, closedWhy(office, service.reason, service.opens_at, t("service.closed")));
}

/** @param {ServiceInfo} service */
async function take(service) {
  if (intent) return;
  const mine = { key: newKey() };
  intent = mine;
  say("");
  working(t("kiosk.working"), "");
  const body = { service: service.id, language: language(), via: "kiosk" };
  const options = { body, key: mine.key, patience: GIVE_UP_SECONDS * 1000, isWanted: () => intent === mine, onAway: workingLong };
  try {
    const ticket = await insist("POST", `${officePath()}/tickets`, options);
    if (intent === mine) issued(ticket, service);
    else void cancelUnseen(ticket.secret);
  } catch (error) {
    if (isAway(error)) void settle(body, mine.key);
    if (intent !== mine) return;
    home();
    if (isAway(error)) setAway(true);
    else say(problemText(error), "error");
  }
}

/**
 * @param {string} heading
 * @param {string} note
 */
function working(heading, note) {
  setText(byId("working-heading"), heading);
  setText(byId("working-note"), note);
  show(byId("give-up"), note !== "");
  if (screen !== "working") go("working");
}

function workingLong() {
  show(byId("away"), true);
  working(t("kiosk.working_long"), t("kiosk.working_note"));
}

/**
 * @param {import("./shared/types.js").Ticket} ticket
 * @param {ServiceInfo} service
 */
function issued(ticket, service) {
  show(byId("away"), false);
  setText(byId("issued-service"), office?.services.find((one) => one.id === service.id)?.name ?? service.name);
  setText(byId("issued-number"), ticket.number);
  const ahead = ticket.ahead === null ? "" : t("people.ahead", { count: ticket.ahead });
  setText(byId("issued-wait"), [ahead, t("wait.label", { range: waitRange(ticket.wait_low, ticket.wait_high) })].filter(Boolean).join(t("list_separator")));
  go("issued", SHOWN_SECONDS);
  const mine = intent;
  void printSlip(ticket, { onFailed: () => go("issued", NO_SLIP_SECONDS), onDone: home, isShown: () => intent === mine && screen === "issued" });
}

/**
 * A touch whose visitor has gone may have made a number that nobody saw: it is asked for again and given back.
 * @param {object} body
 * @param {string} key
 */
async function settle(body, key) {
  for (;;) {
    await sleep(5000);
    try {
      const ticket = await request("POST", `${officePath()}/tickets`, { body, key });
      return cancelUnseen(ticket.secret);
    } catch (error) {
      if (!isAway(error)) return;
    }
  }
}

/** @param {string} secret */
async function cancelUnseen(secret) {
  await insist("POST", "/api/v1/ticket/cancel", { secret, body: {}, key: newKey(), patience: 60000 }).catch(() => undefined);
}

function keypad() {
  const entry = /** @type {HTMLInputElement} */ (byId("arrival-number"));
  const keys = KEYS.map((key) => el("button", { type: "button", "data-testid": `key-${key}`, onclick: () => press(entry.value + key) }, key));
  const erase = el("button", { type: "button", "aria-label": t("kiosk.erase"), onclick: () => press(entry.value.slice(0, -1)) }, "←");
  return [...keys, erase];
}

/** @param {string} value */
function press(value) {
  /** @type {HTMLInputElement} */ (byId("arrival-number")).value = value.slice(0, 8);
}

/** @param {SubmitEvent} event */
async function arrive(event) {
  event.preventDefault();
  if (intent) return;
  const mine = { key: newKey() };
  intent = mine;
  say("");
  const number = /** @type {HTMLInputElement} */ (byId("arrival-number")).value.normalize("NFKC").trim().toUpperCase();
  try {
    await insist("POST", `${officePath()}/tickets/${encodeURIComponent(number)}/arrive`, { body: {}, key: mine.key });
    if (intent !== mine) return;
    setText(byId("arrived-number"), number);
    go("arrived", SHOWN_SECONDS);
  } catch (error) {
    if (intent !== mine) return;
    say(problemText(error), "error");
    go("arrival", IDLE_SECONDS);
  } finally {
    if (intent === mine) intent = null;
  }
}

void start();
