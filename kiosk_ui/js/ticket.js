/** My ticket: where I am in the line, arriving, being late, giving up. */

import { insist, isNoTicket, Problem, problemText, request } from "./shared/api.js";
import { asServerTime, serverNow } from "./shared/clock.js";
import { ask, byId, setText, show } from "./shared/dom.js";
import { clockTime, counterName, useZone, waitRange } from "./shared/format.js";
import { fileAddress } from "./shared/early.js";
import { follow } from "./shared/live.js";
import { offerLanguages, officePath, reloadLater, say, startPage } from "./shared/page.js";
import { plain } from "./shared/readings.js";
import { language, onLanguage, t } from "./shared/texts.js";
import { act, startActs } from "./ticket/acts.js";
import { drawCalled, endCalled, startCalled } from "./ticket/called.js";
import { forget, keep, recall } from "./ticket/last_known.js";
import { drawLeave, figuresAreOfNow } from "./ticket/leave.js";
import { drawNear, judgeNearAnew } from "./ticket/near.js";
import { drawPageAlerts, setAway, startPageAlerts } from "./ticket/page_alerts.js";
import { drawSpoken, forgetSpoken, spokenNumber } from "./ticket/spoken.js";
import { fillWhen, isNear, startWhen } from "./ticket/when.js";

/** @typedef {import("./shared/types.js").Ticket} Ticket */
/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */

/** Comes after the number: nobody registers before it is seen. */
const contact = import("./ticket/contact.js");

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
  byId("defer").addEventListener("click", () => void act("defer", {}, byId("defer"), () => t("ticket.deferred")));
  byId("cancel").addEventListener("click", () => void giveUp());
  startActs({ secret, ticket: () => ticket, heard: () => told, hear, refresh });
  startCalled();
  startPageAlerts();
  startWhen(() => {
    if (ticket) judgeNearAnew(ticket, isNear(ticket));
    draw();
  });
  contact.then(({ startContact }) => startContact({ secret, refresh, learn })).catch(reloadLater);
  onLanguage(() => {
    forgetSpoken();
    void loadOffice().then(draw, draw);
    drawAway();
  });
  addEventListener("hashchange", () => location.reload());
  // The figures grow old while nothing happens.
  setInterval(() => ticket && drawLeave(ticket), 20_000);
  await first();
}

/** Asks until the server answers; only a refusal ends it. */
async function first() {
  try {
    const mayPass = (/** @type {unknown} */ error) => !isNoTicket(error);
    await insist("GET", "/api/v1/ticket", { secret, patience: Infinity, mayPass, onAway: () => void showKnown() }).then(accept);
  } catch (error) {
    return isNoTicket(error) ? gone() : say(() => problemText(error), "error");
  }
  feed = follow(/** @type {Ticket} */ (ticket).office, {
    ticket: secret,
    onFrame: (frame) => {
      if (frame.type === "ticket") void hear(frame);
      if (frame.type === "pulse") stillSo();
    },
    // Before the feed's first frame, what was asked for is what is known.
    onStatus: ({ isStale, heardAt }) => away(isStale, heardAt === null ? asOf : asServerTime(heardAt)),
    onRefused: gone,
    poll: refresh,
  });
}

/** When what is shown was true, by the server's clock. @type {number | null} */
let asOf = null;

/**
 * @param {boolean} isAway nothing was heard from the server lately
 * @param {number | null} [at] when something was
 */
function away(isAway, at = asOf) {
  asOf = at;
  show(byId("away"), isAway);
  setAway(isAway);
  drawAway();
}

function drawAway() {
  setText(byId("away"), asOf === null ? t("away") : t("ticket.away_as_of", { time: clockTime(asOf) }));
}

/** The page was opened while the server is away: what it knew last, with nothing that only the server can do. */
async function showKnown() {
  if (ticket) return away(true);
  const known = await recall(secret, serverNow());
  if (ticket) return;
  if (!known) return away(true);
  useZone(known.zone);
  away(true, known.at);
  setText(byId("office-name"), known.office);
  setText(byId("ticket-office"), known.office);
  drawBrief(known);
  if (known.state === "called" && known.counter) setText(byId("ticket-do"), t("called.to", { counter: known.counter }));
}

/**
 * What can be said without the office's names.
 * @param {{ number: string, state: string, ahead: number | null, wait_low: number | null, wait_high: number | null }} now
 */
function drawBrief(now) {
  const { number, state } = now;
  show(byId("ticket"), true);
  byId("ticket").dataset.state = state;
  setText(byId("ticket-number"), number);
  setText(byId("ticket-number-spoken"), spokenNumber(number));
  setText(byId("ticket-state"), t(`state.${state}`));
  setText(byId("ticket-do"), t(`ticket.do.${state}`));
  drawFigures(now);
  document.title = plain(t("ticket.title_state", { number, state: t(`state.${state}`) }));
}

/** How often the ticket was told without a question for it. */
let told = 0;
/** After so many questions that something told came across the last answer is taken. */
const TRIES = 3;

/** @param {Ticket} fresh a frame of the feed, or what the visitor did has made of it */
function hear(fresh) {
  told += 1;
  return accept(fresh);
}

/** @param {Partial<Ticket>} facts what an answer about something else told */
function learn(facts) {
  told += 1;
  if (ticket) ticket = { ...ticket, ...facts };
}

/** Changes would have come with the sign of life. */
function stillSo() {
  figuresAreOfNow();
  if (ticket) drawLeave(ticket);
}

async function refresh() {
  for (let tries = 1; ; tries += 1) {
    const before = told;
    const fresh = await request("GET", "/api/v1/ticket", { secret }).catch(endIfGone);
    // What was told meanwhile may be newer than the answer, and would not come again.
    if (told === before || tries === TRIES) return accept(fresh);
  }
}

/** @param {unknown} error */
function endIfGone(error) {
  if (isNoTicket(error)) {
    feed?.stop();
    gone();
  }
  throw error;
}

/** @param {Ticket} fresh */
async function accept(fresh) {
  if (fresh.state !== ticket?.state) endQuestion(fresh.state);
  ticket = fresh;
  figuresAreOfNow();
  away(false, serverNow());
  // The number first: on a slow line the names come a moment later.
  if (!office) drawBrief(fresh);
  if (!office) await loadOffice().catch(() => undefined);
  draw();
  // Only the day's end is for good: a clerk may take a completion back, and a supervisor corrects the rest.
  if (fresh.state === "closed") feed?.stop();
  await remember(fresh);
}

/** @param {Ticket} now */
async function remember(now) {
  if (ENDED.includes(now.state)) return forget(secret);
  const { number, state, ahead, wait_low, wait_high } = now;
  await keep(secret, { at: serverNow(), number, state, ahead, wait_low, wait_high, counter: counterOf(now), office: office?.name ?? "", zone: office?.time_zone });
}

async function loadOffice() {
  if (!ticket) return;
  const asked = language();
  const answer = await request("GET", `${officePath(ticket.office)}?language=${asked}`);
  // Another language was chosen meanwhile; its names are on their way.
  if (asked !== language()) return;
  office = answer;
  useZone(office?.time_zone);
  offerLanguages(office?.languages ?? []);
}

function gone() {
  ticket = null;
  void forget(secret);
  show(byId("away"), false);
  drawPageAlerts("closed");
  endCalled();
  question().close();
  for (const id of ["ticket", "calling", "near", "missed", "arrive", "leave", "page-alerts", "alerts", "actions", "another"]) show(byId(id), false);
  show(byId("gone"), true);
}

function draw() {
  if (!ticket) return;
  const focused = document.activeElement;
  const { state } = ticket;
  const service = office?.services.find((one) => one.id === ticket?.service);
  drawBrief(ticket);
  setText(byId("office-name"), office?.name ?? t("brand"));
  setText(byId("ticket-office"), office?.name ?? "");
  setText(byId("ticket-service"), service?.name ?? (office ? ticket.service : ""));
  setText(byId("ticket-as-of"), t("ticket.issued_at", { time: clockTime(ticket.issued_at) }));
  show(byId("ticket-note"), IN_LINE.includes(state));
  fillWhen(ticket, service);
  // First, for what comes next may be a sign.
  drawPageAlerts(state);
  drawNear(ticket, isNear(ticket));
  drawCalled(ticket, counterOf(ticket));
  drawMissed(ticket);
  drawArrival(ticket);
  drawLeave(ticket);
  drawLate(ticket);
  drawContactOf(ticket);
  show(byId("cancel"), !ENDED.includes(state) && state !== "serving");
  show(byId("actions"), !byId("defer").hidden || !byId("cancel").hidden);
  show(byId("another"), ENDED.includes(state));
  document.title = plain(title(ticket));
  byId("icon").setAttribute("href", fileAddress(isNoticed(ticket) ? "icon-called.svg" : "icon.svg"));
  drawSpoken(ticket, isNear(ticket));
  keepFocus(focused);
}

/**
 * What had the focus may have gone with what changed; who goes on by keyboard goes on at the ticket.
 * @param {Element | null} focused where the focus was
 */
function keepFocus(focused) {
  const now = document.activeElement;
  if (!focused || focused === document.body || focused.getClientRects().length) return;
  if (now === document.body || now === focused) byId("ticket").focus();
}

/** @param {Ticket} now */
function drawContactOf(now) {
  const names = office;
  contact.then(({ drawContact }) => drawContact(now, names), () => undefined);
}

/** @param {Ticket} now */
const isNoticed = (now) => now.state === "called" || isNear(now);

/**
 * How many places it costs and how often it may be done is said before it is done.
 * @param {Ticket} now
 */
function drawLate({ state, deferrals_left: left = 0 }) {
  const places = office?.deferral?.places;
  const may = IN_LINE.includes(state) && left > 0 && places !== undefined;
  show(byId("defer"), may);
  show(byId("defer-left"), may);
  setText(byId("defer"), t("ticket.defer", { count: places ?? "" }));
  setText(byId("defer-left"), t("ticket.defer_left", { count: left }));
}

/** @param {{ state: string, ahead: number | null, wait_low: number | null, wait_high: number | null }} now */
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

/** @param {SubmitEvent} event */
async function arrive(event) {
  event.preventDefault();
  const code = /** @type {HTMLInputElement} */ (byId("arrive-code"));
  const digits = code.value.normalize("NFKC").trim();
  const { done, error } = await act("arrive", code.disabled ? {} : { code: digits }, byId("arrive-button"), () => t("ticket.arrived"));
  // What the server never saw needs no second typing.
  if (done || (error instanceof Problem && error.code === "wrong_code")) code.value = "";
}

async function giveUp() {
  if ((await ask(question())) === "yes") await act("cancel", {}, byId("cancel"));
}

const question = () => /** @type {HTMLDialogElement} */ (byId("cancel-dialog"));

/** Whether to give up is no question any more once the turn has come or is over. @param {string} state */
function endQuestion(state) {
  if (["called", "serving", ...ENDED].includes(state)) question().close();
}

void start();
