/** Registering where a visitor wants to be alerted, and erasing it. */

import { insist, newKey, Problem, problemText } from "../shared/api.js";
import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { say } from "../shared/page.js";
import { hasText, language, onLanguage, t } from "../shared/texts.js";
import { consentFacts } from "./consent.js";
import { turns } from "./in_turn.js";
import { drawLineCode, lineCode, setLineCode, startLineCode } from "./line_code.js";
import { drawSent, failedKey, hasFailed } from "./sent.js";
import { thresholds, whenChosen, whenText } from "./when.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */
/** @typedef {import("../shared/types.js").Contact} Contact */
/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./consent.js").Way} Way */

const MAY_ALERT = ["expected", "waiting", "held", "absent"];
const PHONE = ["sms", "voice"];
/** Refusals that are about what was typed. */
const WRONG_ADDRESS = ["bad_address", "address_used_too_often", "bad_number", "foreign_number", "not_mobile"];

/** learn: what an answer told of the ticket @type {{ secret: string, refresh: () => Promise<void>, learn: (facts: Partial<Ticket>) => void }} */
let page;
/** @type {Ticket | null} */
let ticket = null;
/** @type {OfficeInfo | null} */
let office = null;
/** @type {Way | null} */
let way = null;
/** The visitor registers once more: another address, or another way beside the first. */
let isAdding = false;
const inTurn = turns();

/** @param {typeof page} owner */
export function startContact(owner) {
  page = owner;
  // A browser that judges what was typed knows no full-width letters.
  address().addEventListener("change", () => (address().value = address().value.normalize("NFKC").trim()));
  byId("contact-form").addEventListener("submit", register);
  byId("contact-erase").addEventListener("click", () => void erase());
  byId("contact-more").addEventListener("click", () => {
    isAdding = !isAdding;
    draw();
  });
  startLineCode();
  onLanguage(draw);
}

/**
 * @param {Ticket} now
 * @param {OfficeInfo | null} info
 */
export function drawContact(now, info) {
  const before = contacts();
  ticket = now;
  office = info;
  if (isNew(before, contacts())) finished();
  draw();
}

/** @returns {Contact[]} */
const contacts = () => ticket?.contacts ?? (ticket?.contact ? [ticket.contact] : []);

/**
 * @param {Contact[]} before
 * @param {Contact[]} after
 */
const isNew = (before, after) => after.some((one) => !before.some((old) => old.channel === one.channel && old.masked === one.masked));

/** A registration has arrived, also one that came by LINE. */
function finished() {
  way = null;
  isAdding = false;
  setLineCode(null);
}

export function draw() {
  if (!ticket) return;
  const alerts = ticket.alerts ?? [];
  const has = contacts().length > 0;
  const may = MAY_ALERT.includes(ticket.state);
  show(byId("alerts"), may || has || alerts.length > 0);
  show(byId("alerts-intro"), may && !has);
  show(byId("contact-now"), has);
  show(byId("contact-more"), may);
  byId("contact-more").setAttribute("aria-expanded", String(isAdding));
  show(byId("contact-new"), may && (!has || isAdding));
  drawContacts(alerts);
  drawSent(alerts);
  drawWays();
  drawForm();
}

/** @param {import("../shared/types.js").Alert[]} alerts */
function drawContacts(alerts) {
  const items = contacts().map((one, index) => ({ ...one, isSpare: index > 0, isFailing: hasFailed(alerts, one.channel) }));
  syncList(byId("contacts"), items, (one) => one.channel, contactItem);
  const first = contacts()[0];
  const wasNear = alerts.some((alert) => alert.kind === "turn_near");
  setText(byId("contact-when"), first ? (wasNear ? t("alerts.once") : whenText(first)) : "");
}

/** @param {Contact & { isSpare: boolean, isFailing: boolean }} contact isSpare: another one is tried first */
function contactItem({ channel, masked, isSpare, isFailing }) {
  const known = hasText(`alerts.registered.${channel}`) ? channel : "phone";
  const text = t(isSpare ? `alerts.spare.${known}` : `alerts.registered.${known}`, { masked });
  return el("li", { "data-testid": `contact-${channel}` }, text, isFailing && el("p", { class: "failing" }, t(failedKey(channel))));
}

/** @returns {Way[]} */
function ways() {
  const offered = office?.contacts;
  const isPhoneOnly = offered?.phone && offered.sms === undefined && offered.voice === undefined;
  return /** @type {Way[]} */ (["email", "line", "sms", "voice"]).filter((name) => offered?.[name] || (name === "sms" && isPhoneOnly));
}

function drawWays() {
  syncList(byId("channels"), ways().map((name) => ({ name, pressed: name === way })), (one) => one.name, wayButton);
  show(byId("no-channels"), office !== null && ways().length === 0);
}

/** @param {{ name: Way, pressed: boolean }} one */
function wayButton({ name, pressed }) {
  const attributes = { type: "button", class: pressed ? "button button-main" : "button", "aria-pressed": String(pressed) };
  return el("button", { ...attributes, "data-testid": `channel-${name}`, onclick: () => choose(name) }, t(`alerts.way.${name}`));
}

/** @param {Way} name */
function choose(name) {
  way = way === name ? null : name;
  setLineCode(null);
  /** @type {HTMLInputElement} */ (byId("consent-box")).checked = false;
  address().removeAttribute("aria-invalid");
  draw();
}

function drawForm() {
  show(byId("contact-form"), way !== null && lineCode() === null);
  drawLineCode(office?.contacts?.line_account ?? t("alerts.line_account"));
  if (!way) return;
  const isPhone = PHONE.includes(way);
  show(byId("address-field"), way !== "line");
  address().disabled = way === "line";
  address().type = isPhone ? "tel" : "email";
  address().autocomplete = isPhone ? "tel" : "email";
  setText(byId("address-label"), way === "line" ? "" : t(isPhone ? "alerts.address.phone" : "alerts.address.email"));
  setText(byId("contact-button"), t(way === "line" ? "alerts.line_button" : "alerts.button"));
  setText(byId("form-when"), t("alerts.form_when", { when: whenChosen() }));
  show(byId("line-terms"), way === "line");
  syncList(byId("consent-facts"), consentFacts(way, office?.contacts), (fact) => fact, (fact) => el("li", {}, fact));
}

/** @param {SubmitEvent} event */
async function register(event) {
  event.preventDefault();
  const chosen = way;
  if (!chosen) return;
  const common = { consent: true, language: language(), ...thresholds() };
  const typed = address().value.trim();
  await doing("register", byId("contact-button"), () => (chosen === "line" ? linkLine(common) : putContact(chosen, typed, common)));
}

/** @param {object} common */
async function linkLine(common) {
  const code = await insist("POST", "/api/v1/ticket/line-link", { secret: page.secret, body: common, key: newKey() });
  setLineCode(code, draw);
  draw();
  byId("line-code").focus();
}

/**
 * @param {Way} chosen
 * @param {string} typed
 * @param {object} common
 */
async function putContact(chosen, typed, common) {
  const where = chosen === "email" ? { channel: "email" } : { channel: "phone", voice: chosen === "voice" };
  const body = { ...where, address: typed, ...common };
  /** @type {Contact} */
  const first = await insist("PUT", "/api/v1/ticket/contact", { secret: page.secret, body });
  address().value = "";
  learn([first, ...contacts().filter((one) => one.channel !== first.channel)]);
  say(t("alerts.done"));
  byId("contact-now").focus();
}

async function erase() {
  await doing("erase", byId("contact-erase"), async () => {
    await insist("DELETE", "/api/v1/ticket/contact", { secret: page.secret });
    learn([]);
    say(t("alerts.erased"));
    byId("alerts").focus();
  });
}

/**
 * It is done, whether or not the server can be asked for the rest just now.
 * @param {Contact[]} known the one that is tried first comes first
 */
function learn(known) {
  finished();
  const facts = { contact: known[0] ?? null, contacts: known };
  if (ticket) ticket = { ...ticket, ...facts };
  page.learn(facts);
  draw();
  void page.refresh().catch(() => undefined);
}

/**
 * @param {string} name
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
async function doing(name, button, work) {
  await inTurn(name, button, async () => {
    say("");
    address().removeAttribute("aria-invalid");
    await work().catch(notDone);
  });
}

/** @param {unknown} error */
function notDone(error) {
  say(() => problemText(error), "error");
  if (error instanceof Problem && WRONG_ADDRESS.includes(error.code)) wrongAddress();
}

function wrongAddress() {
  address().setAttribute("aria-invalid", "true");
  address().focus();
}

const address = () => /** @type {HTMLInputElement} */ (byId("address"));
