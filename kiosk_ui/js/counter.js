/** The clerk's console: the next visitor with one key, and everything else with one more. */

import { Problem, problemText, request } from "./shared/api.js";
import { ask, byId, el, setText, show, syncList } from "./shared/dom.js";
import { clockTime, counterName, minutes, useZone } from "./shared/format.js";
import { follow } from "./shared/live.js";
import { officeId, officePath, say, startPage } from "./shared/page.js";
import { command, drawLink, startStaff, toSignIn } from "./shared/staff.js";
import { hasText, language, onLanguage, t } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").Queue} Queue */
/** @typedef {import("./shared/types.js").QueueTicket} QueueTicket */
/** @typedef {import("./shared/types.js").QueueCounter} QueueCounter */
/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./shared/types.js").Session} Session */

const CHOSEN = "junban.counter";
const CALMNESS_MILLISECONDS = 800;
const REFRESH_MILLISECONDS = 200;
const POLL_SECONDS = 10;

/**
 * The verbs in the order of the buttons: key, path, and the states of the current ticket in which they apply.
 * @type {{ verb: string, key: string, states: string[] }[]}
 */
const VERBS = [
  { verb: "next", key: "N", states: ["", "called", "serving"] },
  { verb: "recall", key: "R", states: ["called"] },
  { verb: "start", key: "S", states: ["called"] },
  { verb: "complete", key: "C", states: ["called", "serving"] },
  { verb: "absent", key: "A", states: ["called"] },
  { verb: "hold", key: "H", states: ["called", "serving"] },
  { verb: "transfer", key: "T", states: ["called", "serving"] },
  { verb: "undo", key: "U", states: [] },
];

/** @type {Session} */
let session;
/** @type {OfficeInfo | null} */
let office = null;
/** @type {Queue | null} */
let queue = null;
let counterId = sessionStorage.getItem(CHOSEN) ?? "";
let calledAt = 0;
let refreshTimer = 0;
let isAsking = false;
let askAgain = false;
/** Server time minus this machine's, milliseconds. */
let clockOffset = 0;

async function start() {
  await startPage();
  session = await startStaff({ page: "hall", label: "counter.to_hall", role: "supervisor" });
  byId("verbs").replaceChildren(...VERBS.map(verbButton));
  byId("change-counter").addEventListener("click", () => choose(""));
  byId("close-counter").addEventListener("click", () => void closeCounter());
  byId("all-services").addEventListener("change", draw);
  addEventListener("keydown", onKey);
  onLanguage(() => {
    byId("verbs").replaceChildren(...VERBS.map(verbButton));
    void loadOffice().then(refresh, refresh);
  });
  await loadOffice().catch((error) => say(problemText(error), "error"));
  await refresh();
  takeOwnCounter();
  follow(officeId(), {
    onFrame: (frame) => frame.type !== "pulse" && soon(),
    onStatus: drawLink,
    poll: load,
    pollSeconds: 5,
  });
  setInterval(soon, POLL_SECONDS * 1000);
  setInterval(drawUndo, 1000);
}

async function loadOffice() {
  office = await request("GET", `${officePath()}?language=${language()}`);
  useZone(office?.time_zone);
}

function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
  }, REFRESH_MILLISECONDS);
}

/** One question at a time, and one more if something changed meanwhile: an older answer never replaces a newer one. */
async function refresh() {
  if (isAsking) return void (askAgain = true);
  isAsking = true;
  try {
    await load();
  } catch (error) {
    if (error instanceof Problem && error.status === 401) toSignIn();
    else if (error instanceof Problem) say(problemText(error), "error");
  } finally {
    isAsking = false;
  }
  if (askAgain) {
    askAgain = false;
    await refresh();
  }
}

async function load() {
  /** @type {Queue} */
  const answer = await request("GET", `${officePath()}/queue`);
  if (queue && answer.seq < queue.seq && answer.now < queue.now) return;
  queue = answer;
  clockOffset = Date.parse(answer.now) - Date.now();
  draw();
}

/** After a reload or a new sign-in the clerk is back at the window that is still theirs. */
function takeOwnCounter() {
  const own = queue?.counters.filter((counter) => counter.open && counter.staff === session.name) ?? [];
  if (!own.some((counter) => counter.id === counterId)) choose(own[0]?.id ?? "");
}

/** @param {string} id */
function choose(id) {
  counterId = id;
  sessionStorage.setItem(CHOSEN, id);
  draw();
}

const mine = () => queue?.counters.find((counter) => counter.id === counterId && counter.open && isOwn(counter));

/** @param {QueueCounter} counter */
const isOwn = (counter) => counter.staff === session.name;

const current = () => queue?.tickets.find((ticket) => ticket.counter === counterId && ["called", "serving"].includes(ticket.state));

function draw() {
  if (!queue) return;
  const counter = mine();
  setText(byId("office-name"), office?.name ?? t("brand"));
  show(byId("choose"), !counter);
  show(byId("now"), counter !== undefined);
  show(byId("lists"), counter !== undefined);
  syncList(byId("windows"), queue.counters, (one) => one.id, windowButton);
  if (!counter) return;
  setText(byId("counter-name"), counterName(counter.label));
  drawCurrent();
  drawLists(counter);
  drawVerbs();
}

/** @param {QueueCounter} counter */
function windowButton(counter) {
  const takenBy = counter.open && !isOwn(counter) ? counter.staff : null;
  const status = takenBy ? t("counter.taken", { name: takenBy }) : counter.open ? t("counter.yours") : t("counter.free");
  const attributes = { type: "button", class: "window", "data-testid": `open-${counter.id}`, disabled: takenBy !== null && !mayTakeOver(), onclick: () => void openCounter(counter) };
  return el("button", attributes,
    el("span", { class: "window-label" }, counterName(counter.label)),
    el("span", {}, status),
    el("span", { class: "small soft" }, counter.services.map(serviceName).join(t("list_separator"))));
}

/** A supervisor may sit down in a colleague's place, with the visitor who is there. */
const mayTakeOver = () => session.roles.includes("supervisor");

/** @param {string} id */
const serviceName = (id) =>
  office?.services.find((service) => service.id === id)?.name ?? queue?.services.find((service) => service.id === id)?.name ?? id;

function drawCurrent() {
  const ticket = current();
  const state = ticket?.state ?? "";
  byId("now").dataset.state = state;
  byId("current").classList.toggle("now-empty", !ticket);
  setText(byId("current-number"), ticket?.number ?? t("counter.empty"));
  for (const id of ["current-state", "current-service", "current-language", "current-facts"]) show(byId(id), ticket !== undefined);
  if (!ticket) return;
  byId("current-state").className = state === "called" ? "tag tag-call" : "tag tag-serving";
  setText(byId("current-state"), t(`state.${state}`));
  setText(byId("current-service"), serviceName(ticket.service));
  setText(byId("current-language"), languageName(ticket.language));
  setText(byId("current-facts"), factsOf(ticket));
}

/** @param {QueueTicket} ticket */
function factsOf(ticket) {
  return [
    t("counter.issued", { time: clockTime(ticket.issued_at) }),
    ticket.called_at ? t("counter.called", { time: clockTime(ticket.called_at) }) : "",
    ticket.call_count > 1 ? t("counter.calls", { count: ticket.call_count }) : "",
  ].filter(Boolean).join(t("list_separator"));
}

/** @param {string} code */
const languageName = (code) => (hasText(`language.${code}`) ? t(`language.${code}`) : code);

/** @param {QueueCounter} counter */
function drawLists(counter) {
  const all = /** @type {HTMLInputElement} */ (byId("all-services")).checked;
  const isFree = current() === undefined;
  for (const state of ["waiting", "held", "absent", "expected"]) {
    const tickets = (queue?.tickets ?? []).filter((ticket) => ticket.state === state && (all || counter.services.includes(ticket.service)));
    setText(byId(`${state}-count`), String(tickets.length));
    syncList(byId(state), tickets.map((ticket) => ({ ...shown(ticket), isFree })), (ticket) => ticket.number, ticketRow);
    show(byId(state === "waiting" ? "no-waiting" : `${state}-card`), (state === "waiting") === (tickets.length === 0));
  }
}

/**
 * Only what a row shows, so that rows are redrawn when that changes.
 * @param {QueueTicket} ticket
 */
const shown = (ticket) => ({
  number: ticket.number,
  service: ticket.service,
  state: ticket.state,
  language: ticket.language,
  channel: ticket.channel,
  reason: ticket.reason,
  wait: minutes(ticket.wait_seconds),
});

/** @param {ReturnType<typeof shown> & { isFree: boolean }} ticket */
function ticketRow(ticket) {
  const reason = office?.reasons?.find((one) => one.code === ticket.reason)?.name;
  const tags = [
    ticket.language === "ja" ? null : languageName(ticket.language),
    ticket.channel === "web" ? t("counter.web") : null,
    reason ?? null,
  ].filter((tag) => tag !== null);
  return el("tr", { "data-testid": `ticket-${ticket.number}` },
    el("td", {}, el("span", { class: "number" }, ticket.number)),
    el("td", {}, serviceName(ticket.service)),
    el("td", { class: "right" }, ticket.wait),
    el("td", {}, ...tags.flatMap((tag) => [el("span", { class: "tag" }, tag), " "])),
    el("td", {}, el("div", { class: "buttons" }, ...rowVerbs(ticket))));
}

/** @param {ReturnType<typeof shown> & { isFree: boolean }} ticket */
function rowVerbs(ticket) {
  const verbs = { waiting: ["call", "cancel"], held: ["resume", "cancel"], absent: ["reinstate", "cancel"], expected: ["arrive", "cancel"] };
  return (/** @type {Record<string, string[]>} */ (verbs)[ticket.state] ?? []).map((verb) =>
    el("button", {
      type: "button", class: verb === "cancel" ? "button button-small button-danger" : "button button-small",
      "data-testid": `${verb}-${ticket.number}`, "aria-label": t("counter.verb_on", { verb: t(`verb.${verb}`), number: ticket.number }),
      disabled: verb === "resume" && !ticket.isFree, onclick: () => void onRow(verb, ticket.number),
    }, t(`verb.${verb}`)));
}

/**
 * @param {string} verb
 * @param {string} number
 */
async function onRow(verb, number) {
  const ticketPath = `${officePath()}/tickets/${encodeURIComponent(number)}`;
  if (verb === "cancel" && !(await sure(number))) return;
  if (verb === "call") await atCounter("call", { number, finish: "complete" });
  else await run("POST", `${ticketPath}/${verb}`, verb === "resume" ? { counter: counterId } : {});
}

/** @param {string} number */
async function sure(number) {
  return (await pick(t("counter.cancel_ask", { number }), [{ value: "yes", label: t("counter.cancel_yes") }])) === "yes";
}

/** @param {{ verb: string, key: string }} one */
function verbButton({ verb, key }) {
  const attributes = {
    type: "button", class: verb === "next" ? "button button-main verb verb-next" : `button verb verb-${verb}`, id: `verb-${verb}`,
    "data-testid": `verb-${verb}`, "aria-keyshortcuts": key, onclick: () => void press(verb),
  };
  return el("button", attributes, el("span", { id: `verb-${verb}-label` }, t(`verb.${verb}`)), el("kbd", { "aria-hidden": "true" }, key));
}

function drawVerbs() {
  const state = current()?.state ?? "";
  for (const { verb, states } of VERBS) if (verb !== "undo") enable(verb, states.includes(state));
  setText(byId("verb-next-label"), t(state ? "verb.complete_next" : "verb.next"));
  drawUndo();
}

/** The seconds that an undo is still possible run down beside its name. */
function drawUndo() {
  const undo = mine()?.undo;
  const left = undo ? Math.ceil((Date.parse(undo.until) - Date.now() - clockOffset) / 1000) : 0;
  if (!document.getElementById("verb-undo")) return;
  enable("undo", left > 0);
  setText(byId("verb-undo-label"), left > 0 && undo ? t("verb.undo_left", { step: t(`step.${undo.step}`), seconds: left }) : t("verb.undo"));
}

/**
 * @param {string} verb
 * @param {boolean} enabled
 */
function enable(verb, enabled) {
  /** @type {HTMLButtonElement} */ (byId(`verb-${verb}`)).disabled = !enabled;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing) return;
  if (document.querySelector("dialog[open]")) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const letter = /^[a-z]$/i.test(event.key) ? event.key.toUpperCase() : event.code.replace("Key", "");
  const found = VERBS.find((one) => one.key === letter);
  if (!found || byId("now").hidden) return;
  event.preventDefault();
  if (!(/** @type {HTMLButtonElement} */ (byId(`verb-${found.verb}`)).disabled)) void press(found.verb);
}

/** @param {string} verb */
async function press(verb) {
  if (verb === "next") return callNext();
  if (verb === "hold") return hold();
  if (verb === "transfer") return transfer();
  await atCounter(verb === "absent" ? "no-show" : verb, {});
}

/** A key pressed twice by accident must not send the visitor who was just called away. */
async function callNext() {
  if (current() && Date.now() - calledAt < CALMNESS_MILLISECONDS) return;
  const { done, answer } = await atCounter("call-next", { finish: "complete" });
  if (!done) return;
  calledAt = Date.now();
  if (answer === null) say(t("counter.nobody"));
}

async function hold() {
  const reasons = office?.reasons ?? [];
  if (reasons.length === 0) return atCounter("hold", {});
  const choices = [{ value: "-", label: t("counter.no_reason") }, ...reasons.map(({ code, name }) => ({ value: `=${code}`, label: name }))];
  const answer = await pick(t("counter.hold_why"), choices);
  if (answer) await atCounter("hold", answer === "-" ? {} : { reason: answer.slice(1) });
}

async function transfer() {
  const now = current();
  const services = (office?.services ?? []).filter((service) => service.id !== now?.service);
  const answer = await pick(t("counter.transfer_to"), services.map(({ id, name }) => ({ value: id, label: name })));
  if (answer) await atCounter("transfer", { service: answer });
}

/**
 * @param {string} heading
 * @param {{ value: string, label: string }[]} choices
 * @returns {Promise<string>} "" when nothing was chosen
 */
function pick(heading, choices) {
  setText(byId("pick-heading"), heading);
  byId("pick-options").replaceChildren(...choices.map(({ value, label }, index) =>
    el("button", { class: "button", value, "data-testid": `pick-${value.replace(/^=/, "")}`, autofocus: index === 0 }, label)));
  return ask(byId("pick"));
}

/**
 * @param {string} verb
 * @param {object} body
 */
const atCounter = (verb, body) => run("POST", `${officePath()}/counters/${encodeURIComponent(counterId)}/${verb}`, body);

/**
 * @param {string} method
 * @param {string} path
 * @param {object} body
 */
async function run(method, path, body) {
  const outcome = await command(method, path, body);
  await refresh();
  return outcome;
}

/** @param {QueueCounter} counter */
async function openCounter(counter) {
  if (counter.open && isOwn(counter)) return choose(counter.id);
  const { done } = await run("POST", `${officePath()}/counters/${encodeURIComponent(counter.id)}/open`, {});
  if (done) choose(counter.id);
}

async function closeCounter() {
  const { done } = await atCounter("close", {});
  if (done) choose("");
}

void start();
