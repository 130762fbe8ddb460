/** The supervisor's overview: services, quotas, the board's message, and the day. */

import { insist, isAway, Problem, problemText, request } from "./shared/api.js";
import { ask, byId, el, setText, show, syncList } from "./shared/dom.js";
import { clockTime, counterName, isoDate, useZone, waitRange } from "./shared/format.js";
import { afterFrame } from "./shared/hall.js";
import { follow } from "./shared/live.js";
import { officeId, officePath, say, startPage } from "./shared/page.js";
import { command, drawLink, startStaff } from "./shared/staff.js";
import { hasText, language, onLanguage, t } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("./shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {import("./shared/types.js").Hall} Hall */
/** @typedef {import("./shared/types.js").Queue} Queue */

const REFRESH_MILLISECONDS = 700;

/** @type {OfficeInfo | null} */
let office = null;
/** @type {Hall | null} */
let hall = null;
/** @type {Queue | null} */
let queue = null;
let refreshTimer = 0;
/** Quotas being typed, by service: rows are redrawn while people wait. @type {Map<string, string>} */
const drafts = new Map();

async function start() {
  await startPage();
  await startStaff({ page: "counter", label: "hall.to_counter", role: "clerk" });
  byId("notice-form").addEventListener("submit", showNotice);
  byId("notice-clear").addEventListener("click", () => void run("PUT", "notice", { text: null }));
  byId("extend-form").addEventListener("submit", extendDay);
  byId("close-day").addEventListener("click", () => void closeDay());
  byId("list-form").addEventListener("submit", showList);
  byId("list-csv").addEventListener("click", () => void saveCsv());
  onLanguage(() => void refresh());
  await refresh();
  /** @type {HTMLInputElement} */ (byId("list-date")).value = office?.business_day ?? isoDate(Date.now());
  void keepArrivalCode();
  follow(officeId(), {
    onFrame: (frame) => {
      hall = afterFrame(hall, frame);
      if (frame.type !== "pulse") soon();
    },
    onStatus: drawLink,
    poll: load,
  });
  setInterval(soon, 15000);
}

function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
  }, REFRESH_MILLISECONDS);
}

async function refresh() {
  try {
    await load();
  } catch (error) {
    if (!isAway(error)) say(problemText(error), "error");
  }
  draw();
}

async function load() {
  [office, queue] = await Promise.all([
    request("GET", `${officePath()}?language=${language()}`),
    request("GET", `${officePath()}/queue`).catch(withoutQueue),
  ]);
  useZone(office?.time_zone);
  draw();
}

/**
 * A supervisor who is not a clerk still sees the services.
 * @param {unknown} error
 * @returns {null}
 */
function withoutQueue(error) {
  if (error instanceof Problem && error.status === 403) return null;
  throw error;
}

function draw() {
  if (!office) return;
  setText(byId("office-name"), office.name);
  drawReasons(office.reasons ?? []);
  const services = office.services.map((service) => ({ ...service, now: switches(service.id) }));
  syncList(byId("services"), services, (service) => service.id, serviceRow);
  syncList(byId("counters"), counters(), (counter) => counter.id, counterCard);
  const notice = hall ? hall.notice : office.notice;
  setText(byId("notice-now"), notice ? t("hall.notice_now", { text: notice }) : t("hall.notice_none"));
  show(byId("closes-at"), Boolean(office.closes_at));
  setText(byId("closes-at"), office.closes_at ? t("hall.closes_at", { time: clockTime(office.closes_at) }) : "");
}

/** @param {{ code: string, name: string }[]} reasons */
function drawReasons(reasons) {
  const select = /** @type {HTMLSelectElement} */ (byId("reason"));
  const options = [{ code: "", name: t("counter.no_reason") }, ...reasons];
  syncList(select, options, (one) => one.code, (one) => el("option", { value: one.code }, one.name));
}

/** @param {ServiceInfo} service */
function serviceRow(service) {
  return el("tr", { "data-testid": `service-${service.id}` },
    el("td", {}, el("b", {}, service.name)),
    el("td", { class: "right" }, t("people.count", { count: service.waiting_count })),
    el("td", {}, service.open || service.waiting_count > 0 ? waitRange(service.wait_low, service.wait_high) : "—"),
    el("td", {}, channelCell(service, "kiosk", service.kiosk ?? service.open)),
    el("td", {}, channelCell(service, "web", service.web ?? false)),
    el("td", {}, quotaForm(service)));
}

/**
 * @param {ServiceInfo} service
 * @param {"kiosk" | "web"} channel
 * @param {boolean} isOpen
 */
function channelCell(service, channel, isOpen) {
  if (channel === "web" && service.on_web === false) return el("span", { class: "soft" }, t("hall.not_offered"));
  const closed = switches(service.id)?.closed;
  const verb = (closed ? !(channel in closed) : isOpen) ? "close" : "open";
  const change = () => {
    const reason = /** @type {HTMLSelectElement} */ (byId("reason")).value;
    void run("POST", `services/${encodeURIComponent(service.id)}/${verb}`, { for: channel, ...(verb === "close" && reason && { reason }) });
  };
  const label = t("hall.switch", { verb: t(`switch.${verb}`), service: service.name, channel: t(`channel.${channel}`) });
  return el("span", { class: "quota" },
    el("span", { class: isOpen ? "tag tag-serving" : "tag tag-call" }, t(isOpen ? "hall.is_open" : "hall.is_closed")),
    el("button", { type: "button", class: "button button-small", "aria-label": label, "data-testid": `${verb}-${channel}-${service.id}`, onclick: change }, t(`switch.${verb}`)));
}

/** @param {string} id */
const switches = (id) => queue?.services.find((service) => service.id === id);

/** @param {ServiceInfo} service */
function quotaForm(service) {
  if (service.on_web === false) return el("span", { class: "soft" }, t("hall.not_offered"));
  const { quota = null, web_issued: issued } = switches(service.id) ?? {};
  const input = el("input", { type: "number", min: "0", max: "100000", "aria-label": t("hall.quota_of", { service: service.name }), placeholder: t("hall.no_quota"), "data-testid": `quota-${service.id}` });
  input.value = drafts.get(service.id) ?? (quota === null ? "" : String(quota));
  input.addEventListener("input", () => drafts.set(service.id, input.value));
  const set = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    drafts.delete(service.id);
    void run("PUT", `services/${encodeURIComponent(service.id)}/quota`, { quota: input.value === "" ? null : Number(input.value) });
  };
  return el("form", { class: "quota", onsubmit: set },
    input,
    el("button", { class: "button button-small", "data-testid": `set-quota-${service.id}` }, t("hall.set")),
    issued === undefined ? null : el("span", { class: "soft" }, t("hall.issued", { count: issued })));
}

function counters() {
  return (office?.counters ?? []).map((counter) => {
    const now = queue?.counters.find((one) => one.id === counter.id);
    const live = hall?.counters.find((one) => one.id === counter.id);
    return { id: counter.id, label: counter.label, open: live?.open ?? counter.open, staff: now?.staff ?? null, number: now?.number ?? live?.calling ?? null };
  });
}

/** @param {ReturnType<typeof counters>[number]} counter */
function counterCard(counter) {
  return el("div", { class: "window", "data-testid": `counter-${counter.id}` },
    el("span", { class: "window-label" }, counterName(counter.label)),
    el("span", { class: counter.open ? "" : "soft" }, [t(counter.open ? "hall.is_open" : "hall.is_closed"), counter.staff].filter(Boolean).join(t("list_separator"))),
    counter.number ? el("span", { class: "number" }, counter.number) : null);
}

/**
 * @param {string} method
 * @param {string} path below the office
 * @param {object} body
 */
async function run(method, path, body) {
  const { done } = await command(method, `${officePath()}/${path}`, body);
  if (done) say(t("hall.done"));
  await refresh();
  return done;
}

/** @param {SubmitEvent} event */
async function showNotice(event) {
  event.preventDefault();
  const field = /** @type {HTMLTextAreaElement} */ (byId("notice-text"));
  const text = field.value.trim();
  if (text && (await run("PUT", "notice", { text }))) field.value = "";
}

/** @param {SubmitEvent} event */
async function extendDay(event) {
  event.preventDefault();
  const until = new Date(/** @type {HTMLInputElement} */ (byId("extend-until")).value);
  await run("POST", "day/extend", { until: until.toISOString() });
}

async function closeDay() {
  if ((await ask(byId("close-dialog"))) === "yes") await run("POST", "day/close", {});
}

const listPath = () => `${officePath()}/days/${/** @type {HTMLInputElement} */ (byId("list-date")).value}/tickets`;

/** @param {SubmitEvent} event */
async function showList(event) {
  event.preventDefault();
  try {
    const { tickets } = await insist("GET", listPath());
    setText(byId("list-heading"), t("hall.list_of", { count: tickets.length }));
    byId("list-rows").replaceChildren(...tickets.map(listRow));
    show(byId("list"), true);
    byId("list-heading").focus();
  } catch (error) {
    say(problemText(error), "error");
  }
}

/** @param {any} ticket */
function listRow(ticket) {
  const counter = office?.counters.find((one) => one.id === ticket.counter)?.label;
  const channel = `channel.${ticket.channel}`;
  return el("tr", {},
    el("td", { class: "number" }, ticket.number),
    el("td", {}, office?.services.find((service) => service.id === ticket.service)?.name ?? ticket.service),
    el("td", {}, t(`state.${ticket.state}`)),
    el("td", {}, hasText(channel) ? t(channel) : ""),
    el("td", {}, ticket.issued_at ? clockTime(ticket.issued_at) : ""),
    el("td", {}, ticket.called_at ? clockTime(ticket.called_at) : ""),
    el("td", {}, counter ? counterName(counter) : ""));
}

/** The mark at the start tells spreadsheets that the file is UTF-8. */
async function saveCsv() {
  try {
    const text = await insist("GET", listPath(), { accept: "text/csv" });
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    el("a", { href: url, download: `${officeId()}-${/** @type {HTMLInputElement} */ (byId("list-date")).value}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  } catch (error) {
    say(problemText(error), "error");
  }
}

async function keepArrivalCode() {
  try {
    const { code } = await request("GET", `${officePath()}/arrival-code`);
    setText(byId("arrival-code"), code);
    show(byId("arrival"), true);
  } catch {
    show(byId("arrival"), false);
  }
  setTimeout(keepArrivalCode, 20000);
}

void start();
