/** Registering and erasing where a visitor wants to be alerted, on the ticket's page. */

import { insist, newKey, problemText } from "./api.js";
import { byId, el, setText, show, syncList } from "./dom.js";
import { clockTime } from "./format.js";
import { say } from "./page.js";
import { hasText, language, onLanguage, t } from "./texts.js";

/** @typedef {import("./types.js").Ticket} Ticket */
/** @typedef {import("./types.js").OfficeInfo} OfficeInfo */
/** @typedef {"email" | "phone" | "line"} Channel */

const MAY_ALERT = ["expected", "waiting", "held", "absent"];
const AHEAD = ["", 1, 3, 5, 10, 15];
const MINUTES = ["", 5, 10, 15, 20, 30];

/** @type {{ secret: string, refresh: () => Promise<void>, ticket: () => Ticket | null }} */
let page;
/** @type {OfficeInfo | null} */
let office = null;
/** @type {Channel | null} */
let channel = null;
/** @type {{ code: string, expires_at: string } | null} */
let lineCode = null;
let isBusy = false;

/** @param {typeof page} owner */
export function startAlerts(owner) {
  page = owner;
  byId("contact-form").addEventListener("submit", register);
  byId("contact-erase").addEventListener("click", () => void erase());
  drawChoices();
  onLanguage(() => {
    drawChoices();
    drawForm();
  });
}

/**
 * @param {Ticket} ticket
 * @param {OfficeInfo | null} info
 */
export function drawAlerts(ticket, info) {
  const isFirst = office === null;
  office = info;
  const sent = ticket.alerts ?? [];
  const contact = ticket.contact ?? null;
  show(byId("alerts"), MAY_ALERT.includes(ticket.state) || sent.length > 0 || contact !== null);
  show(byId("contact-now"), contact !== null);
  show(byId("contact-new"), contact === null && MAY_ALERT.includes(ticket.state));
  if (contact) {
    channel = null;
    lineCode = null;
    setText(byId("contact-text"), t(`alerts.registered.${contact.channel}`, { masked: contact.masked }));
    setText(byId("contact-when"), sent.some((alert) => alert.kind === "turn_near") ? t("alerts.once") : whenText(contact));
  }
  show(byId("sent"), sent.length > 0);
  syncList(byId("sent-list"), [...sent].reverse(), (alert) => alert.at + alert.kind + alert.channel, (alert) => sentItem(alert));
  syncList(byId("channels"), channels().map((name) => ({ name, pressed: name === channel })), (one) => one.name, channelButton);
  show(byId("no-channels"), office !== null && channels().length === 0);
  if (isFirst || contact) drawForm();
}

/** @returns {Channel[]} */
function channels() {
  const offered = office?.contacts;
  return /** @type {Channel[]} */ (["email", "line", "phone"]).filter((name) => offered?.[name]);
}

/** @param {{ name: Channel, pressed: boolean }} one */
function channelButton({ name, pressed }) {
  const attributes = { type: "button", class: pressed ? "button button-main" : "button", "aria-pressed": String(pressed) };
  return el("button", { ...attributes, "data-testid": `channel-${name}`, onclick: () => choose(name) }, t(`alerts.channel.${name}`));
}

/** @param {Channel} name */
function choose(name) {
  channel = channel === name ? null : name;
  lineCode = null;
  /** @type {HTMLInputElement} */ (byId("consent-box")).checked = false;
  drawForm();
  redraw();
}

function redraw() {
  const ticket = page.ticket();
  if (ticket) drawAlerts(ticket, office);
}

function drawForm() {
  const address = /** @type {HTMLInputElement} */ (byId("address"));
  show(byId("contact-form"), channel !== null && lineCode === null);
  show(byId("line-code"), lineCode !== null);
  if (lineCode) drawCode(lineCode);
  if (!channel) return;
  show(byId("address-field"), channel !== "line");
  address.disabled = channel === "line";
  address.type = channel === "phone" ? "tel" : "email";
  address.autocomplete = channel === "phone" ? "tel" : "email";
  setText(byId("address-label"), channel === "line" ? "" : t(`alerts.address.${channel}`));
  setText(byId("contact-button"), t(channel === "line" ? "alerts.line_button" : "alerts.button"));
  show(byId("line-terms"), channel === "line");
  byId("consent-facts").replaceChildren(...consentFacts(channel).map((fact) => el("li", {}, fact)));
}

/** @param {{ code: string, expires_at: string }} code */
function drawCode(code) {
  setText(byId("line-how"), t("alerts.line_how", { account: office?.contacts?.line_account ?? t("alerts.line_account") }));
  setText(byId("line-code-text"), code.code);
  setText(byId("line-until"), t("alerts.line_until", { time: clockTime(code.expires_at) }));
}

/**
 * Everything the visitor is told before agreeing.
 * @param {Channel} chosen
 */
function consentFacts(chosen) {
  const { privacy, sender } = office?.contacts ?? {};
  const responsible = nameOf(privacy?.responsible);
  const handlers = (privacy?.handlers ?? []).map(nameOf).filter(Boolean).join(t("list_separator"));
  return [
    t("alerts.fact_use"),
    t("alerts.fact_erase"),
    chosen === "line" ? t("alerts.fact_line_gets") : "",
    chosen === "line" ? t("alerts.fact_line_text") : "",
    chosen === "email" && sender ? t("alerts.fact_sender", { sender }) : "",
    responsible ? t("alerts.fact_responsible", { name: responsible }) : "",
    handlers ? t("alerts.fact_handlers", { names: handlers }) : "",
  ].filter(Boolean);
}

/**
 * A name as text, whether the server gives a string, a name by language, or an entry with a name and a purpose.
 * @param {any} entry
 * @returns {string}
 */
function nameOf(entry) {
  if (!entry) return "";
  if (typeof entry === "string") return entry;
  const name = nameOf(entry.name ?? entry[language()] ?? entry.en ?? entry.ja);
  const purpose = nameOf(entry.purpose ?? entry.role);
  return purpose ? t("alerts.name_purpose", { name, purpose }) : name;
}

function drawChoices() {
  options("alert-ahead", AHEAD, "alerts.ahead_option");
  options("alert-minutes", MINUTES, "alerts.minutes_option");
}

/**
 * @param {string} id
 * @param {(number | string)[]} values
 * @param {string} key
 */
function options(id, values, key) {
  const select = /** @type {HTMLSelectElement} */ (byId(id));
  const kept = select.value;
  select.replaceChildren(...values.map((value) =>
    el("option", { value: String(value) }, value === "" ? t("alerts.usual") : t(key, { count: value }))));
  select.value = kept;
}

/** @param {SubmitEvent} event */
async function register(event) {
  event.preventDefault();
  if (isBusy || !channel) return;
  const address = /** @type {HTMLInputElement} */ (byId("address"));
  const common = { consent: true, language: language(), ...thresholds() };
  await doing(async () => {
    if (channel === "line") {
      lineCode = await insist("POST", "/api/v1/ticket/line-link", { secret: page.secret, body: common, key: newKey() });
      drawForm();
      return;
    }
    const body = { channel, address: address.value.trim(), ...common };
    await insist("PUT", "/api/v1/ticket/contact", { secret: page.secret, body });
    address.value = "";
    await page.refresh();
    say(t("alerts.done"));
  });
}

async function erase() {
  await doing(async () => {
    await insist("DELETE", "/api/v1/ticket/contact", { secret: page.secret });
    await page.refresh();
    drawForm();
    say(t("alerts.erased"));
  });
}

/** @param {() => Promise<void>} work */
async function doing(work) {
  if (isBusy) return;
  isBusy = true;
  say("");
  try {
    await work();
  } catch (error) {
    say(problemText(error), "error");
  } finally {
    isBusy = false;
  }
}

/** Only what the visitor chose; the office's usual thresholds stand otherwise. */
function thresholds() {
  const ahead = /** @type {HTMLSelectElement} */ (byId("alert-ahead")).value;
  const minutes = /** @type {HTMLSelectElement} */ (byId("alert-minutes")).value;
  return { ...(ahead && { ahead: Number(ahead) }), ...(minutes && { minutes: Number(minutes) }) };
}

/** @param {{ ahead: number | null, minutes: number | null }} contact */
function whenText({ ahead, minutes }) {
  return [
    ahead === null ? "" : t("alerts.ahead_option", { count: ahead }),
    minutes === null ? "" : t("alerts.minutes_option", { count: minutes }),
  ].filter(Boolean).join(t("list_separator"));
}

/** @param {{ kind: string, channel: string, state: string, at: string }} alert */
function sentItem(alert) {
  return el("li", {},
    el("span", {}, known(`alerts.kind.${alert.kind}`, alert.kind)),
    el("span", { class: "soft" }, `${known(`alerts.channel.${alert.channel}`, alert.channel)} ${known(`alerts.outcome.${alert.state}`, alert.state)} ${clockTime(alert.at)}`));
}

/**
 * @param {string} key
 * @param {string} otherwise
 */
const known = (key, otherwise) => (hasText(key) ? t(key) : otherwise);
