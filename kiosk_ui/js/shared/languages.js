/** The languages that the pages have words in: what each calls itself, and which of them a person has read. */

/**
 * @typedef {object} Language
 * @property {string} name in its own script
 * @property {boolean} isReviewed has a person who speaks it read the wording? If not, it was made by a machine.
 */

/** In the order in which they are offered. @type {Readonly<Record<string, Language>>} */
const TABLE = {
  "ja": { name: "日本語", isReviewed: true },
  "ja-x-easy": { name: "やさしい日本語", isReviewed: false },
  "en": { name: "English", isReviewed: true },
  "zh-Hans": { name: "简体中文", isReviewed: false },
  "zh-Hant": { name: "繁體中文", isReviewed: false },
  "ko": { name: "한국어", isReviewed: false },
  "vi": { name: "Tiếng Việt", isReviewed: false },
  "ne": { name: "नेपाली", isReviewed: false },
  "my": { name: "မြန်မာ", isReviewed: false },
};

export const LANGUAGES = Object.keys(TABLE);
export const FIRST_LANGUAGE = LANGUAGES[0];

/** What a language calls itself. @param {string} lang */
export const ownName = (lang) => TABLE[lang]?.name ?? lang;

/** Only reviewed wording is spoken to a hall. @param {string} lang */
export const isReviewed = (lang) => TABLE[lang]?.isReviewed ?? false;

/**
 * Numbers are written as on the slips and signs of the hall, whatever digits a language has of its own.
 * @param {string} lang
 */
export const numberLocale = (lang) => `${lang.split("-x-")[0]}-u-nu-latn`;

/**
 * The first offered language that a person reads, or undefined.
 * @param {readonly string[]} wanted best first
 * @param {readonly string[]} offered
 */
export function bestLanguage(wanted, offered) {
  for (const tag of wanted) {
    const found = offered.includes(tag) ? tag : offered.find((one) => script(one) === script(tag));
    if (found) return found;
  }
  return undefined;
}

/**
 * Language and script, so that zh-TW and zh-HK read zh-Hant.
 * @param {string} tag
 */
function script(tag) {
  try {
    const full = new Intl.Locale(tag).maximize();
    return `${full.language}-${full.script}`;
  } catch {
    return tag;
  }
}

/** @param {string} lang */
export function direction(lang) {
  const locale = /** @type {any} */ (new Intl.Locale(lang));
  return (locale.getTextInfo?.() ?? locale.textInfo)?.direction ?? "ltr";
}
