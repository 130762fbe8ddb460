/** Chime and voice of a call; the switch that silences one board. */

import { chime, isMuted } from "../shared/chime.js";

const KEPT = "junban.silent";
const CHIME_SECONDS = 1.1;
/** A voice that does not come or does not end must not hold up the next call. */
const LONGEST_SECONDS = 15;

/** One element for all calls, so that none pile up. */
const player = new Audio();

/** Whether this board was silenced by hand. */
export function isSilenced() {
  try {
    return localStorage.getItem(KEPT) === "yes";
  } catch {
    return false;
  }
}

/** @param {boolean} yes */
export function silence(yes) {
  if (yes) player.pause();
  try {
    if (yes) localStorage.setItem(KEPT, "yes");
    else localStorage.removeItem(KEPT);
  } catch {
    // Nothing is kept, so it lasts until the page is left, or not at all.
  }
}

/**
 * Sounds the chime, then speaks; resolves when it is quiet again.
 * @param {boolean} withChime
 * @param {string[]} addresses of the spoken calls, one after the other
 */
export async function sound(withChime, addresses) {
  if (isMuted()) return;
  if (withChime) {
    chime();
    await seconds(CHIME_SECONDS);
  }
  for (const address of addresses) await speak(address);
}

/** @param {string} address */
async function speak(address) {
  const ended = new Promise((resolve) => {
    player.onended = player.onerror = player.onpause = resolve;
  });
  player.src = address;
  try {
    await Promise.race([player.play(), ended]);
    await Promise.race([ended, seconds(LONGEST_SECONDS)]);
  } catch {
    // The browser keeps it locked, or the server is away: the call is on the screen.
  } finally {
    player.onended = player.onerror = player.onpause = null;
    player.removeAttribute("src");
    player.load();
  }
}

/** @param {number} count */
export const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));
