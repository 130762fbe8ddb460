/** Wall-clock times of the office, whatever the browser's own zone is. Pure. */

/**
 * The instant at which the clocks of a zone show this, in milliseconds.
 * @param {string} local YYYY-MM-DDTHH:MM
 * @param {string | undefined} zone
 */
export function instantOf(local, zone) {
  const shown = Date.parse(`${local}:00Z`);
  const first = shown - offsetAt(shown, zone);
  return shown - offsetAt(first, zone);
}

/**
 * @param {number} at milliseconds
 * @param {string | undefined} zone
 */
function offsetAt(at, zone) {
  return Date.parse(`${localOf(at, zone)}:00Z`) - Math.floor(at / 60000) * 60000;
}

/**
 * What the clocks of a zone show, YYYY-MM-DDTHH:MM.
 * @param {number} at milliseconds
 * @param {string | undefined} zone
 */
export function localOf(at, zone) {
  const parts = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("sv", /** @type {Intl.DateTimeFormatOptions} */ (parts)).format(at).replace(" ", "T");
}
