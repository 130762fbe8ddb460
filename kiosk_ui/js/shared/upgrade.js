/** A page that stays open for weeks takes a new version of Junban by itself, when nobody is busy with it. */

import { ownVersion } from "./early.js";

const CHECK_MS = 600_000;
const LOOK_MS = 10_000;
/** Nobody has touched the page for so long. */
const IDLE_MS = 180_000;
/** What must not be taken away from a person: a question, a call that is being announced, a field that is being filled in. */
const BUSY = "dialog[open], .board .spoken:not([hidden])";

/** @type {Set<string>} */
const held = new Set();
let touchedAt = -Infinity;
let isNewer = false;
let askedAt = 0;

/**
 * Something would be lost by loading the page again, such as a sound that the visitor has unlocked.
 * @param {string} what
 * @param {boolean} isSo
 */
export function holdUpgrade(what, isSo) {
  if (isSo) held.add(what);
  else held.delete(what);
}

export function startUpgrades() {
  if (!ownVersion) return;
  for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, () => (touchedAt = performance.now()), { capture: true, passive: true });
  askedAt = performance.now();
  setInterval(look, LOOK_MS);
  addEventListener("online", () => void check());
  document.addEventListener("visibilitychange", look);
}

function look() {
  if (performance.now() - askedAt > CHECK_MS) void check();
  if (isNewer && mayReload()) location.reload();
}

/** Asks which version the server has. */
export async function check() {
  askedAt = performance.now();
  try {
    const answer = await fetch("/static/version.json", { cache: "no-store" });
    if (answer.ok) isNewer = (await answer.json()).version !== ownVersion;
  } catch {
    // The server is away; the next round asks again.
  }
  if (isNewer && mayReload()) location.reload();
}

function mayReload() {
  const isIdle = performance.now() - touchedAt > IDLE_MS || (document.hidden && document.activeElement === document.body);
  return isIdle && held.size === 0 && !document.querySelector(BUSY);
}
