/** The server's time, for a phone whose own clock may be hours off. */

/** Server time minus this device's, milliseconds. */
let offset = 0;
/** The smallest delay is the truest; a slow answer says an earlier time. */
const ENOUGH_MS = 2000;

/**
 * What an answer's Date header tells. It has whole seconds, so a device that is right to a second or two is believed.
 * @param {string | null} date
 * @param {boolean} [isFresh] the answer came just now; one that lay waiting only corrects hours
 */
export function hear(date, isFresh = true) {
  const at = date ? Date.parse(date) + 500 : NaN;
  if (Number.isNaN(at)) return;
  const found = at - Date.now();
  if (Math.abs(found - offset) > (isFresh ? ENOUGH_MS : 60_000)) offset = Math.abs(found) > ENOUGH_MS ? found : 0;
}

/** Milliseconds, as the server counts them. */
export const serverNow = () => Date.now() + offset;

/**
 * A moment of this device's clock in the server's.
 * @param {number} at
 */
export const asServerTime = (at) => at + offset;
