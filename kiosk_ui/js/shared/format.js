/** Times, waits and names as people read them. */

import { serverNow } from "./clock.js";
import { numberLocale } from "./languages.js";
import { hasText, language, t, translate } from "./texts.js";

/** @type {string | undefined} */
let zone;

/**
 * Times are shown in the office's zone, where the server names it.
 * @param {string | undefined} timeZone
 */
export function useZone(timeZone) {
  zone = timeZone;
}

/**
 * Hours and minutes.
 * @param {string | number} at RFC 3339 or milliseconds
 */
export function clockTime(at) {
  return new Intl.DateTimeFormat("ja", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(new Date(at));
}

/**
 * The calendar date, YYYY-MM-DD.
 * @param {number} at milliseconds
 */
export function isoDate(at) {
  return new Intl.DateTimeFormat("sv", { timeZone: zone }).format(at);
}

/**
 * Month, day and weekday.
 * @param {number} at milliseconds
 * @param {string} lang
 */
export function longDate(at, lang) {
  return new Intl.DateTimeFormat(lang, { month: "long", day: "numeric", weekday: "short", timeZone: zone }).format(at);
}

/**
 * A wait range in minutes; unknown is said, not guessed.
 * @param {number | null | undefined} low seconds
 * @param {number | null | undefined} high seconds
 * @param {string} [lang]
 */
export function waitRange(low, high, lang = language()) {
  if (low === null || low === undefined || high === null || high === undefined) return translate(lang, "wait.unknown");
  const step = high > 1800 ? 5 : 1;
  const from = Math.floor(low / 60 / step) * step;
  const until = Math.ceil(high / 60 / step) * step;
  if (until <= 1) return translate(lang, "wait.soon");
  if (from === 0) return translate(lang, "wait.within", { high: until });
  if (from === until) return translate(lang, "wait.about", { high: until });
  return translate(lang, "wait.range", { low: from, high: until });
}

/**
 * How long something has lasted.
 * @param {number | null} seconds
 */
export const minutes = (seconds) => (seconds === null ? "" : t("wait.minutes", { minutes: Math.floor(seconds / 60) }));

/**
 * "3" is "window 3"; a label that has words stands for itself.
 * @param {string} label
 * @param {string} [lang]
 */
export function counterName(label, lang = language()) {
  return /^[0-9A-Za-z]{1,3}$/.test(label) ? translate(lang, "counter.named", { label }) : label;
}

/**
 * When a service opens. Before a weekend "opens at 8:30" would be a trap.
 * @param {string} at
 */
export function opens(at) {
  const opensAt = Date.parse(at);
  const time = clockTime(at);
  if (isoDate(opensAt) === isoDate(serverNow())) return t("service.opens_at", { time });
  const locale = numberLocale(language());
  // Browsers that do not know a language write "M09 2, Mon"; a plain date is better.
  const isKnown = Intl.DateTimeFormat.supportedLocalesOf(locale).length > 0;
  return t("service.opens_on", { date: isKnown ? longDate(opensAt, locale) : isoDate(opensAt), time });
}

/**
 * Why a service takes no tickets: the office's own reason, or the refusal in words; and when it opens, if the hour is why.
 * @param {import("./types.js").OfficeInfo | null} office
 * @param {string | null | undefined} code
 * @param {string | null | undefined} opensAt
 * @param {string} otherwise
 */
export function closedWhy(office, code, opensAt, otherwise) {
  const named = office?.reasons?.find((reason) => reason.code === code)?.name;
  const known = code && hasText(`error.${code}`) ? t(`error.${code}`) : otherwise;
  const isByTime = ["office_closed", "hours", "day_closed"].includes(code ?? "");
  return [named ?? known, opensAt && isByTime ? opens(opensAt) : ""].filter(Boolean).join(" ");
}
