/** My ticket: where I am in the line, arriving, being late, giving up. */

import { insist, newKey, Problem, problemText, request } from "./shared/api.js";
import { ask, byId, setText, show } from "./shared/dom.js";
import { clockTime, counterName, useZone, waitRange } from "./shared/format.js";
import { fileAddress } from "./shared/early.js";
import { follow } from "./shared/live.js";
import { offerLanguages, officePath, say, startPage } from "./shared/page.js";
import { plain } from "./shared/readings.js";
import { language, onLanguage, t } from "./shared/texts.js";
import { drawCalled, endCalled, startCalled } from "./ticket/called.js";
import { drawContact, startContact } from "./ticket/contact.js";
import { drawNear, judgeNearAnew } from "./ticket/near.js";
import { drawPageAlerts, setAway, startPageAlerts } from "./ticket/page_alerts.js";
import { fillWhen, isNear, startWhen } from "./ticket/when.js";

/** @typedef {import("./shared/types.js").Ticket} Ticket */
/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */

const IN_LINE = ["waiting", "expected"];
const ENDED = ["completed", "cancelled", "expired", "closed"];

const secret = decodeURIComponent(location.hash.slice(1));
/** @type {Ticket | null} */
let ticket = null;
/** @type {OfficeInfo | null} */
let office = null;
/** @type {{ stop: () => void } | null} */
let feed = null;

async function start() {
  await startPage();
  byId("arrive-form").addEventListener("submit", arrive);
  byId("defer").addEventListener("click", () => void act("defer", {}));
  byId("cancel").addEventListener("click", () => void giveUp());
  startCalled();
  startPageAlerts();
  startWhen(() => {
    if (ticket) judgeNearAnew(ticket, isNear(ticket));
    draw();
  });
  startContact({ secret, refresh });
  onLanguage(() => void loadOffice().then(draw, draw));
  addEventListener("hashchange", () => location.reload());
  await first();
}

/** Asks until the server answers; only a refusal ends it. */
async function first() {
  try {
    await insist("GET", "/api/v1/ticket", { secret, patience: Infinity, onAway: () => away(true) }).then(accept);
  } catch (error) {
    return error instanceof Problem && [401, 404].includes(error.status) ? gone() : say(problemText(error), "error");
  }
  feed = follow(/** @type {Ticket} */ (ticket).office, {
    ticket: secret,
    onFrame: (frame) => frame.type === "ticket" && void accept(frame),
    onStatus: ({ isStale }) => away(isStale),
    onRefused: gone,
    poll: refresh,
  });
}

/** @param {boolean} isAway nothing was heard from the server lately */
function away(isAway) {
  show(byId("away"), isAway);
  setAway(isAway);
}

async function refresh() {
  await accept(await request("GET", "/api/v1/ticket", { secret }));
}

/** @param {Ticket} fresh */
async function accept(fresh) {
  ticket = fresh;
  away(false);
  if (!office) await loadOffice().catch(() => undefined);
  draw();
  if (ENDED.includes(fresh.state)) feed?.stop();
}

async function loadOffice() {
  if (!ticket) return;
  office = await request("GET", `${officePath(ticket.office)}?language=${language()}`);
  useZone(office?.time_zone);
  offerLanguages(office?.languages ?? []);
}

function gone() {
  ticket = null;
  drawPageAlerts("closed");
  endCalled();
  for (const id of ["ticket", "calling", "near", "missed", "arrive", "page-alerts", "alerts", "actions", "another"]) show(byId(id), false);
  show(byId("gone"), true);
}

function draw() {
  if (!ticket) return;
  const { state, number } = ticket;
  const service = office?.services.find((one) => one.id === ticket?.service);
  show(byId("ticket"), true);
  byId("ticket").dataset.state = state;
  setText(byId("office-name"), office?.name ?? t("brand"));
  setText(byId("ticket-office"), office?.name ?? "");
  setText(byId("ticket-service"), service?.name ?? ticket.service);
  setText(byId("ticket-number"), number);
  setText(byId("ticket-state"), t(`state.${state}`));
  setText(byId("ticket-do"), t(`ticket.do.${state}`));
  setText(byId("ticket-as-of"), t("ticket.issued_at", { time: clockTime(ticket.issued_at) }));
  drawFigures(ticket);
  fillWhen(ticket, service);
  drawNear(ticket, isNear(ticket));
  drawCalled(ticket, counterOf(ticket));
  drawMissed(ticket);
  drawArrival(ticket);
  drawPageAlerts(state);
  drawContact(ticket, office);
  show(byId("defer"), IN_LINE.includes(state) && (ticket.deferrals_left ?? 0) > 0);
  show(byId("cancel"), !ENDED.includes(state) && state !== "serving");
  show(byId("actions"), !byId("defer").hidden || !byId("cancel").hidden);
  show(byId("another"), ENDED.includes(state));
  document.title = plain(title(ticket));
  byId("icon").setAttribute("href", fileAddress(isNoticed(ticket) ? "icon-called.svg" : "icon.svg"));
  setText(byId("spoken"), spoken(ticket));
}

/** @param {Ticket} now */
const isNoticed = (now) => now.state === "called" || isNear(now);

/** @param {Ticket} now */
function drawFigures(now) {
  show(byId("ticket-figures"), IN_LINE.includes(now.state));
  setText(byId("ticket-ahead"), now.ahead === null ? "—" : t("people.ahead", { count: now.ahead }));
  setText(byId("ticket-wait"), waitRange(now.wait_low, now.wait_high));
}

/** @param {Ticket} now */
function drawMissed(now) {
  show(byId("missed"), now.state === "absent");
  setText(byId("missed-when"), now.called_at ? t("missed.when", { time: clockTime(now.called_at) }) : "");
}

/** @param {Ticket} now */
function drawArrival(now) {
  const ways = office?.arrival ?? ["code"];
  show(byId("arrive"), now.state === "expected");
  const byTap = ways.includes("tap");
  const byCode = ways.includes("code") && !byTap;
  show(byId("arrive-form"), byTap || byCode);
  show(byId("arrive-code-field"), byCode);
  const code = /** @type {HTMLInputElement} */ (byId("arrive-code"));
  code.required = byCode;
  code.disabled = !byCode;
  show(byId("arrive-kiosk"), ways.includes("kiosk"));
  show(byId("arrive-staff"), ways.includes("staff") && !byTap);
}

/** @param {Ticket} now */
function counterOf(now) {
  const label = office?.counters.find((one) => one.id === now.counter)?.label ?? now.counter ?? "";
  return counterName(label);
}

/** @param {Ticket} now */
function title(now) {
  if (now.state === "called") return t("ticket.title_called", { counter: counterOf(now) });
  if (IN_LINE.includes(now.state) && now.ahead !== null) {
    return t(isNear(now) ? "ticket.title_near" : "ticket.title_ahead", { number: now.number, count: now.ahead });
  }
  return t("ticket.title_state", { number: now.number, state: t(`state.${now.state}`) });
}

/**
 * What a screen reader hears: the state, and the place only when the turn is near, so that it does not chatter.
 * The call itself is read out by its dialog.
 * @param {Ticket} now
 */
function spoken(now) {
  const isClose = IN_LINE.includes(now.state) && now.ahead !== null && (now.ahead <= 3 || now.ahead % 5 === 0);
  return [
    t(`state.${now.state}`),
    isNear(now) ? t("near.heading") : "",
    isClose ? t("people.ahead", { count: now.ahead ?? 0 }) : "",
  ].filter(Boolean).join(" ");
}

/** @param {SubmitEvent} event */
async function arrive(event) {
  event.preventDefault();
  const code = /** @type {HTMLInputElement} */ (byId("arrive-code"));
  const digits = code.value.normalize("NFKC").trim();
  if (await act("arrive", code.disabled ? {} : { code: digits })) say(t("ticket.arrived"));
  code.value = "";
}

async function giveUp() {
  if ((await ask(byId("cancel-dialog"))) === "yes") await act("cancel", {});
}

let isActing = false;

/**
 * @param {string} verb
 * @param {object} body
 * @returns {Promise<boolean>} was it done?
 */
async function act(verb, body) {
  if (isActing) return false;
  isActing = true;
  say("");
  try {
    await accept(await insist("POST", `/api/v1/ticket/${verb}`, { secret, body, key: newKey() }));
    return true;
  } catch (error) {
    say(problemText(error), "error");
    return false;
  } finally {
    isActing = false;
  }
}

void start();
