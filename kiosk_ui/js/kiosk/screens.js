/** Which screen is shown, and when the start comes back by itself. Time is the page's own, so a wrong clock does no harm. */

import { byId, setText, show } from "../shared/dom.js";
import { t } from "../shared/texts.js";

const SCREENS = ["start", "working", "issued", "arrival", "arrived", "refused"];
/** A start that somebody has touched goes back to how the next visitor expects it. */
const START_SECONDS = 60;
const LONGER_SECONDS = 120;
/** On the start the visitor is warned so long before. */
const WARNED_SECONDS = 20;
/** The second tap of a double tap is not meant for what the first has brought. */
const DOUBLE_TAP_MS = 400;
/** A finger that lies longer is one whose lifting was not told. */
const LONGEST_TOUCH_MS = 8000;

let current = "start";
let isFresh = true;
let stay = 0;
let endsAt = 0;
let touchedAt = -Infinity;
let isDown = false;
let liftTimer = 0;
let changedAt = -Infinity;
/** @type {Set<() => void>} */
const homeListeners = new Set();
/** @type {Set<() => void>} */
const screenListeners = new Set();

export const screen = () => current;

/** Called when the start comes back for the next visitor. @param {() => void} listener */
export const onHome = (listener) => void homeListeners.add(listener);

/** Called after every change of the screen. @param {() => void} listener */
export const onScreen = (listener) => void screenListeners.add(listener);

/** Whether a finger is on the screen, so that nothing may move under it. */
export const isTouching = () => isDown && performance.now() - touchedAt < LONGEST_TOUCH_MS;

/** Which touch that is, or the last one was. */
export const lastTouch = () => touchedAt;

/**
 * @param {string} next
 * @param {number} [seconds] until the start comes back; none: it does not by itself
 */
export function go(next, seconds = 0) {
  if (next !== current && performance.now() - touchedAt < DOUBLE_TAP_MS) dropTaps();
  current = next;
  document.documentElement.dataset.screen = next;
  for (const id of SCREENS) show(byId(id), id === next);
  stayFor(seconds);
  byId(`${next}-heading`).focus({ preventScroll: true });
  for (const listener of screenListeners) listener();
}

/** What can be touched is another from now on; a tap of this moment was meant for what was there before. */
export function dropTaps() {
  changedAt = performance.now();
}

/** The start, as the next visitor expects it. */
export function home() {
  isFresh = true;
  for (const listener of homeListeners) listener();
  go("start");
}

/** @param {number} seconds */
export function stayFor(seconds) {
  stay = seconds;
  endsAt = seconds ? performance.now() + seconds * 1000 : 0;
  tell();
}

export function startScreens() {
  addEventListener("pointerdown", () => touched(true), true);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, lifted, true);
  addEventListener("keydown", () => touched(false), true);
  addEventListener("click", dropTap, true);
  document.body.addEventListener("contextmenu", (event) => event.preventDefault());
  byId("longer").addEventListener("click", () => stayFor(Math.max(stay, LONGER_SECONDS)));
  setInterval(watch, 250);
}

/** @param {boolean} byFinger */
function touched(byFinger) {
  touchedAt = performance.now();
  if (byFinger) {
    clearTimeout(liftTimer);
    isDown = true;
  }
  if (current === "start") isFresh = false;
  stayFor(current === "start" ? START_SECONDS : stay);
}

/** The click comes after the finger is lifted. */
function lifted() {
  liftTimer = window.setTimeout(() => (isDown = false), 60);
}

/** @param {MouseEvent} event */
function dropTap(event) {
  const isFinger = event.detail > 0;
  if (!isFinger || performance.now() - changedAt > DOUBLE_TAP_MS) return;
  if (!byId("main").contains(/** @type {Node} */ (event.target))) return;
  event.preventDefault();
  event.stopPropagation();
}

function watch() {
  if (endsAt && performance.now() >= endsAt && !isTouching()) {
    if (current === "start" && isFresh) return stayFor(0);
    home();
  } else tell();
}

function tell() {
  const left = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
  const isTold = endsAt > 0 && (current !== "start" || left <= WARNED_SECONDS);
  byId("returns").dataset.state = isTold ? "on" : "off";
  /** @type {HTMLButtonElement} */ (byId("longer")).disabled = !isTold;
  if (!isTold) return;
  setText(byId("returns-text"), t("kiosk.returns", { seconds: left }));
  /** @type {HTMLProgressElement} */ (byId("returns-bar")).value = left / Math.max(stay, 1);
}
