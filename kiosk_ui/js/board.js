/** The board in the hall: who is called, who waits, and since when this is known. */

import { request } from "./shared/api.js";
import { chime, isMuted, prepareChime } from "./shared/chime.js";
import { byId, el, setText, show, syncList } from "./shared/dom.js";
import { clockTime, counterName, longDate, useZone, waitRange } from "./shared/format.js";
import { afterFrame, freshCalls, highestSeq } from "./shared/hall.js";
import { follow } from "./shared/live.js";
import { officeId, officePath, startPage } from "./shared/page.js";
import { load, translate, useLanguage } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").Hall} Hall */
/** @typedef {import("./shared/types.js").Call} Call */
/** @typedef {import("./shared/types.js").LiveService} LiveService */
/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */

const SPOKEN_SECONDS = 5;
const SPOKEN_SECONDS_IN_A_RUSH = 2.5;
const NEXT_SHOWN = 6;
const ABSENT_SHOWN = 60;
/** How the waiting rows may be set, from the roomiest on. */
const SETTINGS = ["full", "pairs", "short", "columns"];

/** @type {Hall | null} */
let hall = null;
/** The office's names by language. @type {Record<string, OfficeInfo>} */
const names = {};
/** The last call that was announced; null before the first snapshot. @type {number | null} */
let lastSeq = null;
/** @type {Call[]} */
const waitingCalls = [];
/** @type {string | null} */
let spokenNumber = null;
/** Server time minus this machine's, milliseconds. */
let clockOffset = 0;

async function start() {
  await Promise.all([load("ja"), load("en")]);
  await startPage();
  await useLanguage("ja", false);
  prepareChime(drawMuted);
  byId("muted").addEventListener("click", () => chime());
  setInterval(drawClock, 1000);
  drawClock();
  addEventListener("resize", fitSide);
  void document.fonts.ready.then(fitSide);
  void keepNames();
  void keepArrivalCode();
  void stayLit();
  follow(officeId(), { onFrame, onStatus });
}

/** @param {any} frame */
function onFrame(frame) {
  hall = afterFrame(hall, frame);
  if (!hall) return;
  if (frame.now) clockOffset = Date.parse(frame.now) - Date.now();
  if (frame.type === "pulse") return;
  announce(hall.calls ?? [], frame.type === "snapshot");
  draw();
}

/**
 * Every call is announced once, by its seq; those before this board's first snapshot are not.
 * @param {Call[]} calls
 * @param {boolean} isSnapshot
 */
function announce(calls, isSnapshot) {
  if (lastSeq === null || (isSnapshot && hall && hall.seq < lastSeq)) {
    lastSeq = highestSeq(calls, hall?.seq ?? 0);
    return;
  }
  const fresh = freshCalls(calls, lastSeq);
  lastSeq = highestSeq(fresh, lastSeq);
  waitingCalls.push(...fresh);
  if (spokenNumber === null) speakNext();
}

/** One after the other; faster while several wait. */
function speakNext() {
  const call = waitingCalls.shift();
  spokenNumber = call?.number ?? null;
  show(byId("spoken"), call !== undefined);
  draw();
  if (!call) return;
  const label = hall?.counters.find((counter) => counter.id === call.counter)?.label ?? call.counter;
  const words = call.call_count > 1 ? "board.again" : "board.please";
  setText(byId("spoken-words"), translate("ja", words));
  setText(byId("spoken-number"), call.number);
  setText(byId("spoken-counter"), counterName(label, "ja"));
  setText(byId("spoken-en"), translate("en", "board.please_en", { number: call.number, counter: counterName(label, "en") }));
  if (!isSilent()) chime();
  const seconds = waitingCalls.length > 1 ? SPOKEN_SECONDS_IN_A_RUSH : SPOKEN_SECONDS;
  setTimeout(speakNext, seconds * 1000);
}

/** @param {import("./shared/live.js").Status} status */
function onStatus({ isStale, heardAt }) {
  document.body.classList.toggle("is-stale", isStale);
  show(byId("stale"), isStale);
  fitSide();
  if (!isStale) return;
  const key = heardAt === null ? "board.no_data" : "board.stale";
  const values = { time: heardAt === null ? "" : clockTime(heardAt + clockOffset) };
  setText(byId("stale-ja"), translate("ja", key, values));
  setText(byId("stale-en"), translate("en", key, values));
}

function draw() {
  if (!hall) return;
  drawCalls(hall);
  syncList(byId("waits"), hall.services.map(withEnglish), (service) => service.id, waitRow);
  show(byId("absent"), hall.absent.length > 0);
  show(byId("notice"), Boolean(hall.notice));
  setText(byId("notice"), hall.notice ?? "");
  drawFoot();
}

/** What does not fit is counted: fewer absent numbers, then rows without the next numbers, in two columns, and fewer. */
function fitSide() {
  if (!hall) return;
  fitAbsent(hall.absent);
  const list = byId("waits");
  const rows = /** @type {HTMLElement[]} */ ([...list.children]);
  for (const row of rows) show(row, true);
  show(byId("waits-more"), false);
  for (const setting of SETTINGS) {
    list.dataset.setting = setting;
    if (!isTooTall(list)) return;
  }
  show(byId("waits-more"), true);
  for (let shown = rows.length - 1; shown > 0 && isTooTall(list); shown -= 1) {
    show(rows[shown], false);
    setText(byId("waits-more"), translate("ja", "board.more", { count: rows.length - shown }));
  }
}

/**
 * The newest first; the rest is counted.
 * @param {string[]} absent
 */
function fitAbsent(absent) {
  const list = byId("absent-numbers");
  const newest = [...absent].reverse();
  let shown = Math.min(newest.length, ABSENT_SHOWN);
  do {
    const rest = newest.length - shown;
    const entries = [...newest.slice(0, shown), ...(rest > 0 ? [`+${rest}`] : [])];
    syncList(list, entries, (text) => text, (text) => el("span", { class: text.startsWith("+") ? "absent-more" : "" }, text));
    shown -= 1;
  } while (shown > 0 && isTooTall(list));
}

/** @param {HTMLElement} list */
const isTooTall = (list) => list.scrollHeight > list.clientHeight + 1;

/** @param {Hall} now */
function drawCalls(now) {
  const calling = now.counters
    .filter((counter) => counter.calling !== null)
    .sort((a, b) => (b.called_at ?? "").localeCompare(a.called_at ?? "") || a.id.localeCompare(b.id))
    .map((counter) => ({ label: counter.label, number: counter.calling ?? "", isNew: counter.calling === spokenNumber }));
  const list = byId("calls");
  list.dataset.size = calling.length <= 3 ? "few" : calling.length <= 12 ? "some" : calling.length <= 24 ? "many" : "most";
  syncList(list, calling, (call) => call.label, callTile);
  show(byId("no-calls"), calling.length === 0);
  show(list, calling.length > 0);
}

/** @param {{ label: string, number: string, isNew: boolean }} call */
function callTile(call) {
  return el("div", { class: call.isNew ? "call is-new" : "call", "data-testid": `call-${call.number}` },
    el("span", { class: "call-number number" }, call.number),
    el("span", { class: "call-counter" },
      counterName(call.label, "ja"),
      counterName(call.label, "en") === call.label ? null : el("span", { class: "en", lang: "en" }, counterName(call.label, "en"))));
}

/** @param {LiveService} service */
const withEnglish = (service) => ({
  ...service,
  english: names.en?.services.find((one) => one.id === service.id)?.public_name ?? "",
});

/** @param {LiveService & { english: string }} service */
function waitRow(service) {
  const english = service.english && service.english !== service.name ? el("span", { class: "en", lang: "en" }, service.english) : null;
  const next = service.waiting.slice(0, NEXT_SHOWN).join("　");
  return el("div", { class: "wait", "data-testid": `wait-${service.id}` },
    el("span", { class: "wait-name" }, el("span", { class: "wait-ja" }, service.name), english),
    el("span", { class: "wait-count" }, el("b", { class: "number" }, service.waiting.length), translate("ja", "board.people")),
    el("span", { class: "wait-next number" }, next),
    service.open || next ? el("span", { class: "wait-range" }, waitRange(service.wait_low, service.wait_high, "ja")) : closedSign());
}

const closedSign = () =>
  el("span", { class: "wait-range" },
    translate("ja", "board.closed"), el("span", { class: "en", lang: "en" }, translate("en", "board.closed")));

function drawClock() {
  const now = Date.now() + clockOffset;
  setText(byId("clock"), clockTime(now));
  setText(byId("date"), longDate(now, "ja"));
}

function drawMuted() {
  show(byId("muted"), isMuted() && !isSilent());
  fitSide();
}

/** Some halls want no sound. */
const isSilent = () => names.ja?.board.chime === false;

function drawFoot() {
  show(byId("foot"), !byId("notice").hidden || !byId("arrival").hidden);
  fitSide();
}

/** The names in both languages; they change so rarely that every ten minutes is enough. */
async function keepNames() {
  try {
    for (const lang of ["ja", "en"]) names[lang] = await request("GET", `${officePath()}?language=${lang}`);
    useZone(names.ja.time_zone);
    document.body.classList.toggle("only-ja", !names.ja.board.languages.includes("en"));
    drawMuted();
    setText(byId("office-name"), names.ja.name);
    setText(byId("office-name-en"), names.en.name === names.ja.name ? "" : names.en.name);
    draw();
    setTimeout(keepNames, 600000);
  } catch {
    setTimeout(keepNames, 5000);
  }
}

/** The code with which web visitors say that they are here; only boards of the office are given it. */
async function keepArrivalCode() {
  let pause = 300;
  try {
    const { code, valid_until } = await request("GET", `${officePath()}/arrival-code`);
    setText(byId("arrival-code"), code);
    show(byId("arrival"), true);
    pause = Math.min(Math.max((Date.parse(valid_until) - Date.now() - clockOffset) / 1000, 2), 60);
  } catch {
    show(byId("arrival"), false);
    pause = names.ja ? 60 : 5;
  }
  drawFoot();
  setTimeout(keepArrivalCode, pause * 1000);
}

/** Keeps the screen from going dark, where the browser can. */
async function stayLit() {
  try {
    await navigator.wakeLock?.request("screen");
  } catch {
    // The machine's own settings then decide.
  }
  document.addEventListener("visibilitychange", () => document.hidden || void stayLit(), { once: true });
}

void start();
