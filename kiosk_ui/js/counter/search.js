/** Finds services by name in any language, by reading, or by id; and numbers as people type them. */

const READING = /\p{Script=Han}[\p{Script=Han}々]*《([ぁ-ゖァ-ヺー]+)》/gu;

/** @typedef {{ id: string, name: string, words: string[] }} Findable */

/**
 * What is compared: width, case, kana and spaces do not matter.
 * @param {string} text
 */
export const folded = (text) =>
  text.normalize("NFKC").toLowerCase().replace(/[\s・()（）]/g, "").replace(/[ァ-ヶ]/g, (kana) => String.fromCharCode(kana.charCodeAt(0) - 0x60));

/**
 * Those with every word in one of their names; what begins with the first word comes first.
 * @template {Findable} T
 * @param {readonly T[]} all
 * @param {string} typed
 * @returns {T[]}
 */
export function found(all, typed) {
  const wanted = typed.trim().split(/\s+/).map(folded).filter(Boolean);
  if (wanted.length === 0) return [...all];
  const fits = all.filter(({ words }) => wanted.every((word) => words.some((one) => one.includes(word))));
  const isFirst = (/** @type {T} */ one) => one.words.some((word) => word.startsWith(wanted[0] ?? ""));
  return [...fits.filter(isFirst), ...fits.filter((one) => !isFirst(one))];
}

/**
 * A name in all the ways that it may be typed.
 * @param {string[]} names they may hold readings of kanji
 */
export const wordsOf = (names) => [...new Set(names.flatMap((name) => [folded(name.replace(/《[^》]*》/g, "")), folded(name.replace(READING, "$1"))]))];

/** Letters as they come when the Japanese input method is on. */
const KANA = /** @type {Record<string, string>} */ ({ あ: "A", い: "I", う: "U", え: "E", お: "O", ん: "N" });

/**
 * A number as it is printed: "ａ０12" is "A012".
 * @param {string} typed
 */
export const numberTyped = (typed) =>
  typed.normalize("NFKC").replace(/[あいうえおん]/g, (kana) => KANA[kana] ?? kana).replace(/[^0-9A-Za-z]/g, "").toUpperCase();

/**
 * The tickets that are meant; "12" is any whose digits say 12.
 * @template {{ number: string }} T
 * @param {readonly T[]} tickets
 * @param {string} typed
 * @returns {T[]}
 */
export function numbersMeant(tickets, typed) {
  const wanted = numberTyped(typed);
  const [, letters = "", digits = ""] = /^([A-Z]*)([0-9]+)$/.exec(wanted) ?? [];
  if (!digits) return [];
  const exact = tickets.filter((ticket) => ticket.number === wanted);
  if (exact.length > 0) return exact;
  return tickets.filter(({ number }) => Number(number.replace(/^[A-Z]*/, "")) === Number(digits) && (letters === "" || number.replace(/[0-9]+$/, "") === letters));
}
