/** The code that a visitor sends to the LINE account, or the button that opens LINE for it. */

import { serverNow } from "../shared/clock.js";
import { byId, setText, show } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { t } from "../shared/texts.js";

/**
 * @typedef {object} LineCode
 * @property {string} code
 * @property {string} expires_at
 * @property {boolean} by_message the account listens for codes
 * @property {string | null} liff_url opens the page that links without one
 */

/** @type {LineCode | null} */
let current = null;
let timer = 0;
let isCopied = false;

export function startLineCode() {
  byId("line-copy").addEventListener("click", () => void copy());
}

export const lineCode = () => current;

/**
 * @param {LineCode | null} code null: there is none any more
 * @param {() => void} [onEnd] its time is over
 */
export function setLineCode(code, onEnd) {
  clearTimeout(timer);
  current = code;
  isCopied = false;
  if (!code) return;
  timer = window.setTimeout(() => {
    current = null;
    onEnd?.();
  }, Math.max(0, Date.parse(code.expires_at) - serverNow()));
}

/** @param {string} account the LINE account's id */
export function drawLineCode(account) {
  show(byId("line-code"), current !== null);
  if (!current) return;
  const { code, expires_at: until, by_message: canSend, liff_url: liff } = current;
  show(byId("line-open"), Boolean(liff));
  if (liff) byId("line-open-link").setAttribute("href", liff);
  for (const id of ["line-how", "line-account-row", "line-code-text", "line-copy"]) show(byId(id), canSend);
  setText(byId("line-how"), t(liff ? "alerts.line_how_or" : "alerts.line_how", { account }));
  setText(byId("line-account"), account);
  setText(byId("line-code-text"), code);
  setText(byId("line-until"), t("alerts.line_until", { time: clockTime(until) }));
  setText(byId("line-copy"), t(isCopied ? "alerts.line_copied" : "alerts.line_copy"));
}

/** Where the browser has no clipboard for this page, the code is marked so that it can be copied by hand. */
async function copy() {
  try {
    await navigator.clipboard.writeText(current?.code ?? "");
    isCopied = true;
    setText(byId("line-copy"), t("alerts.line_copied"));
  } catch {
    getSelection()?.selectAllChildren(byId("line-code-text"));
  }
}
