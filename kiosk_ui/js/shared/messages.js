/**
 * ICU MessageFormat as far as the texts use it: arguments, plural and select; numbers and plural rules are the browser's.
 * The tests read every text with FormatJS too, and compare.
 */

/**
 * @typedef {string | { name: string, kind: "" | "number" | "plural" | "select" | "#", forms: Record<string, Part[]> }} Part
 * @typedef {Record<string, string | number>} Values
 */

/** @type {Map<string, Part[]>} */
const parsed = new Map();

/**
 * A text with its values; what has no value stays as it is written.
 * @param {string} locale for plural rules and numbers
 * @param {string} text
 * @param {Values} values
 */
export function formatMessage(locale, text, values) {
  let parts = parsed.get(text);
  if (!parts) parsed.set(text, (parts = parseMessage(text)));
  return write(parts, locale, values, 0);
}

/**
 * @param {string} text
 * @returns {Part[]}
 */
export function parseMessage(text) {
  const source = { text, at: 0 };
  const parts = read(source, false);
  if (source.at < text.length) throw new SyntaxError(`a } too many at ${source.at}: ${text}`);
  return parts;
}

/**
 * @param {Part[]} parts
 * @param {string} locale
 * @param {Values} values
 * @param {number} count what # stands for
 * @returns {string}
 */
function write(parts, locale, values, count) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    if (part.kind === "#") return new Intl.NumberFormat(locale).format(count);
    const value = values[part.name];
    if (value === undefined) return `{${part.name}}`;
    if (part.kind === "") return String(value);
    if (part.kind === "number") return new Intl.NumberFormat(locale).format(Number(value));
    return write(chosen(part, locale, value), locale, values, part.kind === "plural" ? Number(value) : count);
  }).join("");
}

/**
 * @param {Exclude<Part, string>} part
 * @param {string} locale
 * @param {string | number} value
 */
function chosen({ kind, forms }, locale, value) {
  const exact = kind === "plural" ? `=${value}` : String(value);
  const category = kind === "plural" ? new Intl.PluralRules(locale).select(Number(value)) : "other";
  return forms[exact] ?? forms[category] ?? forms.other;
}

/** @typedef {{ text: string, at: number }} Source */

/**
 * Up to the end, or to the brace that closes a form.
 * @param {Source} source
 * @param {boolean} inPlural
 */
function read(source, inPlural) {
  /** @type {Part[]} */
  const parts = [];
  let words = "";
  const keep = (/** @type {Part} */ part) => {
    if (words) parts.push(words);
    words = "";
    parts.push(part);
  };
  for (; source.at < source.text.length && source.text[source.at] !== "}"; ) {
    const sign = source.text[source.at];
    if (sign === "{") keep(argument(source));
    else if (sign === "#" && inPlural) {
      keep({ name: "", kind: "#", forms: {} });
      source.at += 1;
    } else words += sign === "'" ? quoted(source, inPlural) : source.text[source.at++];
  }
  if (words) parts.push(words);
  return parts;
}

/**
 * Two apostrophes are one; before a brace, one opens a quotation; else it is an apostrophe.
 * @param {Source} source
 * @param {boolean} inPlural
 */
function quoted(source, inPlural) {
  const next = source.text[source.at + 1];
  if (next === "'") return skip(source, 2, "'");
  if (next !== "{" && next !== "}" && !(next === "#" && inPlural)) return skip(source, 1, "'");
  const end = source.text.indexOf("'", source.at + 1);
  const until = end < 0 ? source.text.length : end;
  return skip(source, until + 1 - source.at, source.text.slice(source.at + 1, until));
}

/**
 * @param {Source} source
 * @param {number} length
 * @param {string} meaning
 */
function skip(source, length, meaning) {
  source.at += length;
  return meaning;
}

const HEAD = /\{\s*(\w+)\s*(?:\}|,\s*(number)\s*\}|,\s*(plural|select)\s*,)/y;
const FORM = /\s*(=\d+|\w+)\s*\{/y;
const TAIL = /\s*\}/y;

/**
 * @param {Source} source
 * @returns {Part}
 */
function argument(source) {
  const [, name, number, choice] = match(source, HEAD);
  if (!choice) return { name, kind: number ? "number" : "", forms: {} };
  /** @type {Record<string, Part[]>} */
  const forms = {};
  while (!matches(source, TAIL)) {
    const [, form] = match(source, FORM);
    forms[form] = read(source, choice === "plural");
    if (source.text[source.at] !== "}") throw new SyntaxError(`{ is not closed: ${source.text}`);
    source.at += 1;
  }
  if (!forms.other) throw new SyntaxError(`"other" is missing: ${source.text}`);
  return { name, kind: /** @type {"plural" | "select"} */ (choice), forms };
}

/**
 * @param {Source} source
 * @param {RegExp} pattern
 */
function matches(source, pattern) {
  pattern.lastIndex = source.at;
  const found = pattern.exec(source.text);
  if (found) source.at = pattern.lastIndex;
  return found;
}

/**
 * @param {Source} source
 * @param {RegExp} pattern
 */
function match(source, pattern) {
  const found = matches(source, pattern);
  if (!found) throw new SyntaxError(`not understood at ${source.at}: ${source.text}`);
  return found;
}
