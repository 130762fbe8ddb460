/**
 * What is typed: by a person, key after key, or by a scanner, which types what a code says and ends with Enter. Its letters are
 * held back until it is known which of them it is, so that a ticket's secret is never seen, and it is told which digits may be part
 * of one, so that none takes a number.
 */

/** A person's next key comes later than this. */
const SCANNER_GAP_MS = 120;
/** What begins like a link is waited for longer, as some scanners and machines are slow. */
const LINK_GAP_MS = 1500;
/** After letters that came in a row, digits are the rest of a code for so long. */
const QUIET_MS = 500;
/** No person types so much at once. */
const MOST_BY_HAND = 8;
const SECRET = /([a-z0-9-]{1,32})\.(\d{8})\.([A-Z]{0,3}\d{1,9})\.[A-Za-z0-9_-]{22}(?![A-Za-z0-9_-])/;

/** @typedef {{ secret: string, office: string, day: string, number: string }} Scan */

/**
 * The ticket that a link is for; null for anything else.
 * @param {string} text
 * @returns {Scan | null}
 */
export function readLink(text) {
  const found = SECRET.exec(text);
  if (!found) return null;
  const [secret, office, day, number] = found;
  return { secret, office, day: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`, number };
}

/**
 * @param {{ onKey: (key: string, isOfCode: boolean) => void, onScan: (scan: Scan | null) => void, onEnter: () => void }} handlers onEnter: after keys
 */
export function readTyped({ onKey, onScan, onEnter }) {
  let typed = "";
  /** The same by the places of the keys, for scanners set to another keyboard than the machine's. */
  let placed = "";
  let busyUntil = -Infinity;
  let timer = 0;

  /** @param {KeyboardEvent} event */
  function take(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === "Tab") {
      if (typed.length <= (event.key === "Tab" ? MOST_BY_HAND : 0)) return;
      stop(event);
      end(true);
      return;
    }
    const place = signAt(event.code, event.shiftKey);
    const isSign = event.key.length === 1 && event.key !== " ";
    // An input method hides the letter, but not the place of its key.
    if (!isSign && !(place && (event.isComposing || event.key === "Process"))) return;
    stop(event);
    typed += isSign ? event.key : place;
    placed += place || event.key;
    clearTimeout(timer);
    timer = window.setTimeout(() => end(false), /^ht/i.test(typed) ? LINK_GAP_MS : /^h$/i.test(typed) ? 3 * SCANNER_GAP_MS : SCANNER_GAP_MS);
  }

  /** @param {boolean} isEntered */
  function end(isEntered) {
    clearTimeout(timer);
    const [text, other] = [typed, placed];
    typed = placed = "";
    const now = performance.now();
    const isBusy = now < busyUntil;
    if (text.length > 1 || /^[A-Za-z:/]$/.test(text)) busyUntil = now + QUIET_MS;
    const scan = readLink(text) ?? readLink(other);
    if (scan || text.length > MOST_BY_HAND) return onScan(scan);
    for (const key of text) onKey(key, isBusy && text.length === 1);
    if (isEntered) onEnter();
  }

  addEventListener("keydown", take, true);
  addEventListener("blur", () => (typed = placed = ""));
}

/** @param {Event} event */
function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** Signs of a link on the keyboard that most scanners come set to, by place and shift. @type {Record<string, [string, string]>} */
const PLACES = { Minus: ["-", "_"], Period: [".", ">"], Slash: ["/", "?"], Semicolon: [";", ":"] };

/**
 * @param {string} code
 * @param {boolean} isShifted
 */
function signAt(code, isShifted) {
  const [, letter, digit] = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code) ?? [];
  if (letter) return isShifted ? letter : letter.toLowerCase();
  if (digit) return isShifted && digit === "3" ? "#" : digit;
  return PLACES[code]?.[isShifted ? 1 : 0] ?? "";
}
