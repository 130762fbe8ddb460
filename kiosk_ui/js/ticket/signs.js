/** How the page makes itself noticed without any registration: sound, vibration, a notification, a screen that stays on. */

import { chime, isMuted, prepareChime, softChime } from "../shared/chime.js";
import { fileAddress } from "../shared/early.js";
import { plain } from "../shared/readings.js";
import { holdUpgrade } from "../shared/upgrade.js";

/**
 * @typedef {object} Signs
 * @property {boolean} isOn
 * @property {"running" | "held"} sound held: the browser keeps it locked
 * @property {"yes" | "no"} vibration
 * @property {"granted" | "denied" | "default" | "none"} notification none: the browser cannot, on this page
 * @property {"kept" | "free" | "none"} screen
 */
/** @typedef {{ title: string, body: string, isUrgent: boolean }} Words */

const URGENT = [400, 200, 400, 200, 800];
const GENTLE = [200];

let isOn = false;
let isPrepared = false;
let canNotify = "Notification" in globalThis;
/** @type {WakeLockSentinel | null} */
let lock = null;
/** @type {Notification | null} */
let shown = null;
/** @type {() => void} */
let changed = () => undefined;

/** @param {() => void} onChange what the signs can do may have changed */
export function startSigns(onChange) {
  changed = onChange;
  document.addEventListener("visibilitychange", () => void keepScreen());
}

/** @returns {Signs} */
export const signs = () => ({
  isOn,
  sound: isMuted() ? "held" : "running",
  vibration: "vibrate" in navigator ? "yes" : "no",
  notification: canNotify ? Notification.permission : "none",
  screen: "wakeLock" in navigator ? (lock ? "kept" : "free") : "none",
});

/**
 * Must be called from a tap or key: browsers allow sound and the question for notifications only then.
 * @param {Omit<Words, "isUrgent">} words of the first notification, which shows whether there can be any
 */
export async function turnOn({ title, body }) {
  isOn = true;
  // Loaded again, the page would have to be touched before it may sound.
  holdUpgrade("signs", true);
  const wasPrepared = isPrepared;
  isPrepared = true;
  if (!wasPrepared) prepareChime(soundChanged());
  else softChime();
  navigator.vibrate?.(GENTLE);
  changed();
  await Promise.all([keepScreen(), askToNotify()]);
  if (isOn) shown ??= notification(title, body, false);
  changed();
}

export async function turnOff() {
  isOn = false;
  holdUpgrade("signs", false);
  quiet();
  await letScreenGo();
  changed();
}

/** The person hears once, when turning it on, what a sign sounds like. */
function soundChanged() {
  let wasHeard = false;
  return () => {
    if (!wasHeard && isOn && !isMuted()) {
      wasHeard = true;
      softChime();
    }
    changed();
  };
}

/** @param {Words} words what a notification says */
export function sign({ title, body, isUrgent }) {
  if (!isOn) return;
  ring(isUrgent);
  shown?.close();
  shown = notification(title, body, isUrgent);
  changed();
}

/** @param {boolean} isUrgent */
export function ring(isUrgent) {
  if (!isOn) return;
  if (isUrgent) chime();
  else softChime();
  navigator.vibrate?.(isUrgent ? URGENT : GENTLE);
}

/** Seen or over: no more vibration, and no notification about it. */
export function quiet() {
  if (isPrepared) navigator.vibrate?.(0);
  shown?.close();
  shown = null;
}

/**
 * @param {string} title
 * @param {string} body
 * @param {boolean} isUrgent it stays until it is dealt with
 */
function notification(title, body, isUrgent) {
  if (!canNotify || Notification.permission !== "granted") return null;
  try {
    const fresh = new Notification(plain(title), { body: plain(body), icon: fileAddress("icon-192.png"), lang: document.documentElement.lang, requireInteraction: isUrgent });
    fresh.onclick = () => {
      focus();
      fresh.close();
    };
    return fresh;
  } catch {
    // Some browsers have it for service workers only, and say so no sooner.
    canNotify = false;
    return null;
  }
}

async function askToNotify() {
  if (canNotify && Notification.permission === "default") await Notification.requestPermission().catch(() => undefined);
}

/** Browsers let the screen go whenever the page is hidden. */
async function keepScreen() {
  if (!isOn || lock || document.hidden || !("wakeLock" in navigator)) return;
  try {
    const fresh = await navigator.wakeLock.request("screen");
    lock = fresh;
    fresh.addEventListener("release", () => {
      if (lock === fresh) lock = null;
      changed();
    });
    if (!isOn) await letScreenGo();
  } catch {
    // Refused, for example because the battery is low; the page says that the screen may go dark.
  }
  changed();
}

async function letScreenGo() {
  const held = lock;
  lock = null;
  await held?.release().catch(() => undefined);
}
