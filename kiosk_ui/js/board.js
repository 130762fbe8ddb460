/** The board in the hall: who is called, who waits, and since when this is known. */

import { Announcer } from "./board/announcer.js";
import { drawColumns, fitCalls, fitWaits, isOurs, isTooTall, lengthOf } from "./board/columns.js";
import { arrow } from "./board/direction.js";
import { hold, startPlaylist } from "./board/playlist.js";
import { isSilenced, seconds, silence, sound } from "./board/sound.js";
import { request } from "./shared/api.js";
import { chime, isMuted, prepareChime } from "./shared/chime.js";
import { byId, el, setText, show, syncList } from "./shared/dom.js";
import { clockTime, counterName, longDate, useZone } from "./shared/format.js";
import { afterFrame, isBefore } from "./shared/hall.js";
import { follow } from "./shared/live.js";
import { officeId, officePath, startPage } from "./shared/page.js";
import { load, translate, useLanguage } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").Hall} Hall */
/** @typedef {import("./shared/types.js").Call} Call */
/** @typedef {import("./shared/types.js").OfficeInfo} OfficeInfo */

const SHOWN_SECONDS = 5;
const SHOWN_SECONDS_IN_A_RUSH = 2.5;
const NEXT_CALLS_SHOWN = 4;
const ABSENT_SHOWN = 60;
const BUTTONS_SECONDS = 10;
const POLL_SECONDS = 3;

/** @type {Hall | null} */
let hall = null;
/** The office's names by language. @type {Record<string, OfficeInfo>} */
const names = {};
/** Server time minus this machine's, milliseconds. */
let clockOffset = 0;
let buttonsTimer = 0;
let fitting = 0;
let namesTried = () => {};
/** Until then it is not known which calls are this board's and how they are spoken; if it cannot be known, they go on. */
const namesAsked = /** @type {Promise<void>} */ (new Promise((resolve) => (namesTried = resolve)));
const announcer = new Announcer(officeId(), announce, drawSpoken);

async function start() {
  document.documentElement.dataset.theme = new URLSearchParams(location.search).get("theme") ?? "";
  await Promise.all([load("ja"), load("en")]);
  await startPage();
  await useLanguage("ja", false);
  prepareChime(drawMuted);
  byId("muted").addEventListener("click", () => chime());
  byId("silent").addEventListener("click", () => {
    silence(!isSilenced());
    drawMuted();
  });
  for (const kind of ["pointermove", "pointerdown", "keydown"]) addEventListener(kind, showButtons);
  setInterval(drawClock, 1000);
  drawClock();
  addEventListener("resize", fitSide);
  void document.fonts.ready.then(fitSide);
  void keepNames();
  void keepArrivalCode();
  void stayLit();
  startPlaylist(fitSide);
  follow(officeId(), { onFrame, onStatus, poll: askForPicture, pollSeconds: POLL_SECONDS });
}

/** Where a proxy lets no WebSocket through, a board still calls, a little later. */
async function askForPicture() {
  const picture = await request("GET", `${officePath()}/picture`);
  // Frames that came meanwhile may be later than a slow answer.
  if (!isBefore(picture, hall)) onFrame(picture);
}

/** @param {any} frame */
function onFrame(frame) {
  hall = afterFrame(hall, frame);
  if (!hall) return;
  if (frame.now) clockOffset = Date.parse(frame.now) - Date.now();
  if (frame.type === "pulse") return;
  announcer.hear(hall, frame.type === "snapshot");
  drawNextCalls();
  draw();
}

/**
 * Shown large until it was heard to its end; faster while several wait.
 * @param {Call} call
 * @param {readonly Call[]} waiting
 */
async function announce(call, waiting) {
  await namesAsked;
  if (!isOurs(call, names.ja)) return;
  hold(true);
  drawSpoken();
  const shown = seconds(waiting.length > 1 ? SHOWN_SECONDS_IN_A_RUSH : SHOWN_SECONDS);
  const heard = isSilent() ? null : sound(names.ja?.board.chime !== false, voicesOf(call));
  await Promise.all([shown, heard]);
}

/**
 * The office's first language, then the visitor's own.
 * @param {Call} call
 */
function voicesOf(call) {
  const spoken = names.ja?.board.voice ?? [];
  const wanted = new Set([names.ja?.languages[0] ?? "ja", call.language]);
  return spoken
    .filter((lang) => wanted.has(lang))
    .sort((a, b) => Number(a === call.language) - Number(b === call.language))
    .map((lang) => `${officePath()}/calls/${call.seq}/voice?language=${lang}`);
}

/** The call that is announced, and what comes after it. */
function drawSpoken() {
  const call = announcer.current;
  show(byId("spoken"), call !== null);
  if (!call) hold(false);
  draw();
  if (!call) return;
  setText(byId("spoken-words"), translate("ja", call.call_count > 1 ? "board.again" : "board.please"));
  setText(byId("spoken-number"), call.number);
  byId("spoken-number").dataset.length = lengthOf(call.number, 4, 5);
  const counter = counterName(labelOf(call), "ja");
  byId("spoken-counter").dataset.length = lengthOf(counter, 6, 12);
  setText(byId("spoken-counter"), counter);
  setText(byId("spoken-direction"), arrow(names.ja?.board.directions[call.counter]));
  setText(byId("spoken-en"), translate("en", "board.please_en", { number: call.number, counter: counterName(labelOf(call), "en") }));
  drawNextCalls();
}

function drawNextCalls() {
  const next = announcer.waiting.filter((call) => isOurs(call, names.ja)).slice(0, NEXT_CALLS_SHOWN);
  show(byId("spoken-next"), next.length > 0);
  syncList(byId("spoken-next"), next, (call) => String(call.seq), (call) =>
    el("span", {}, `${call.number} → ${counterName(labelOf(call), "ja")}`));
}

/** @param {Call} call */
const labelOf = (call) => hall?.counters.find((counter) => counter.id === call.counter)?.label ?? call.counter;

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
  drawColumns(hall, names.ja, names.en, announcer.current?.number ?? null);
  show(byId("absent"), hall.absent.length > 0);
  show(byId("notice"), Boolean(hall.notice));
  setText(byId("notice"), hall.notice ?? "");
  drawFoot();
}

/** Before the next picture: measuring is slow, so it is done once for all that has changed. */
function fitSide() {
  if (fitting) return;
  fitting = requestAnimationFrame(() => {
    fitting = 0;
    if (!hall) return;
    fitAbsent(hall.absent);
    fitWaits();
    fitCalls();
  });
}

/**
 * The newest first; what finds no room is counted.
 * @param {string[]} absent
 */
function fitAbsent(absent) {
  const list = byId("absent-numbers");
  const newest = [...absent].reverse();
  let shown = Math.min(newest.length, ABSENT_SHOWN);
  drawAbsent(list, newest, shown);
  if (!isTooTall(list)) return;
  const end = list.getBoundingClientRect().bottom + 1;
  const fitting = [...list.children].findIndex((child) => child.getBoundingClientRect().bottom > end);
  for (shown = Math.max(fitting, 1); shown > 0; shown -= 1) {
    drawAbsent(list, newest, shown);
    if (!isTooTall(list)) return;
  }
}

/**
 * @param {HTMLElement} list
 * @param {string[]} newest
 * @param {number} shown
 */
function drawAbsent(list, newest, shown) {
  const rest = newest.length - shown;
  const entries = [...newest.slice(0, shown), ...(rest > 0 ? [`+${rest}`] : [])];
  syncList(list, entries, (text) => text, (text) => el("span", { class: text.startsWith("+") ? "absent-more" : "" }, text));
}

function drawClock() {
  const now = Date.now() + clockOffset;
  setText(byId("clock"), clockTime(now));
  setText(byId("date"), longDate(now, "ja"));
}

/** Staff find the switch by touching or pointing; a silenced board keeps saying so. */
function drawMuted() {
  const isOff = isSilenced();
  show(byId("muted"), isMuted() && !isSilent());
  show(byId("silent"), names.ja?.board.silent !== true);
  byId("silent").setAttribute("aria-pressed", String(isOff));
  fitSide();
}

function showButtons() {
  document.body.classList.add("is-touched");
  clearTimeout(buttonsTimer);
  buttonsTimer = window.setTimeout(() => document.body.classList.remove("is-touched"), BUTTONS_SECONDS * 1000);
}

/** Some halls want no sound, and some boards are too near to somebody's desk. */
const isSilent = () => names.ja?.board.silent === true || isSilenced();

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
  } finally {
    namesTried();
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
