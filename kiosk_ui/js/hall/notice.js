/** The message on the boards: ready phrases, a preview, an end, and all offices at once. */

import { insist, newKey, problemText, request } from "../shared/api.js";
import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { ownName } from "../shared/languages.js";
import { officeId, officePath } from "../shared/page.js";
import { language, onLanguage, t } from "../shared/texts.js";
import { known, onLoad, refresh, serverNow } from "./state.js";
import { instantOf, localOf } from "./zone.js";

/** @typedef {{ code: string, text: Record<string, string> }} Phrase */
/** @typedef {{ id: string, name: string }} Office */

/** @type {{ phrases: Phrase[], languages: string[] }} */
let ready = { phrases: [], languages: [] };
/** @type {Office[]} */
let offices = [];
/** The languages that a phrase is shown in; null: all that it has. @type {Set<string> | null} */
let chosen = null;
/** The end of the message as the dialog was opened: its time of day and all of it. */
let filled = { time: "", ends: /** @type {string | null} */ (null) };

/** @param {import("../shared/types.js").Session} session */
export function startNotice(session) {
  byId("notice-open").addEventListener("click", () => void open(session));
  byId("notice-back").addEventListener("click", () => dialog().close());
  byId("notice-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (text().value.trim()) void put(text().value.trim());
    else text().focus();
  });
  byId("notice-clear").addEventListener("click", () => void put(null));
  byId("notice-text").addEventListener("input", drawPreview);
  onLoad(drawNow);
  onLanguage(drawNow);
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("notice-dialog"));
const text = () => /** @type {HTMLTextAreaElement} */ (byId("notice-text"));
const time = () => /** @type {HTMLInputElement} */ (byId("notice-until"));
const all = () => /** @type {HTMLInputElement} */ (byId("notice-all"));

function drawNow() {
  const notice = known.office?.notice;
  const until = known.queue?.notice_until;
  setText(byId("notice-now"), notice ? [notice, until ? t("hall.notice_ends", { time: clockTime(until) }) : ""].filter(Boolean).join(" ") : t("hall.notice_none"));
}

/** @param {import("../shared/types.js").Session} session */
async function open(session) {
  byId("notice-results").replaceChildren();
  fill();
  dialog().showModal();
  try {
    const [phrases, all] = await Promise.all([
      request("GET", `${officePath()}/phrases`),
      request("GET", `/api/v1/offices?language=${language()}`),
    ]);
    ready = phrases;
    offices = all.offices.filter((/** @type {Office} */ one) => session.offices.includes("*") || session.offices.includes(one.id));
  } catch (error) {
    tell(el("li", { class: "sign sign-over" }, problemText(error)));
  }
  drawPhrases();
  show(byId("notice-all-field"), offices.length > 1);
}

/** The message as it stands with its end; what was meant for all offices the last time need not be so again. */
function fill() {
  const ends = known.queue?.notice_until ?? null;
  text().value = known.office?.notice ?? "";
  filled = { time: ends ? localOf(Date.parse(ends), known.office?.time_zone).slice(11) : "", ends };
  time().value = filled.time;
  all().checked = false;
  drawPreview();
}

function drawPhrases() {
  show(byId("phrases-part"), ready.phrases.length > 0);
  const spoken = ready.languages.filter((lang) => ready.phrases.some((one) => one.text[lang]));
  chosen ??= new Set(spoken.filter((lang) => ["ja", "en"].includes(lang)));
  syncList(byId("phrase-languages"), spoken, (lang) => lang, (lang) => {
    const box = el("input", { type: "checkbox", checked: chosen?.has(lang) });
    box.addEventListener("change", () => (box.checked ? chosen?.add(lang) : chosen?.delete(lang)));
    return el("label", { class: "check", lang }, box, el("span", {}, ownName(lang)));
  });
  const inMine = (/** @type {Phrase} */ one) => one.text[language()] ?? Object.values(one.text)[0];
  syncList(byId("phrases"), ready.phrases, (one) => one.code, (one) =>
    el("button", { type: "button", class: "button", "data-testid": `phrase-${one.code}`, onclick: () => take(one) }, inMine(one)));
}

/** @param {Phrase} phrase */
function take(phrase) {
  const wanted = ready.languages.filter((lang) => chosen?.has(lang) && phrase.text[lang]);
  text().value = (wanted.length ? wanted : Object.keys(phrase.text).slice(0, 1)).map((lang) => phrase.text[lang]).join("\n");
  drawPreview();
}

function drawPreview() {
  setText(byId("notice-preview"), text().value.trim() || t("hall.notice_none"));
}

/** The end as an instant, the known one if it was left; a time that has passed today means tomorrow's. */
function until() {
  const wanted = time().value;
  if (!wanted) return null;
  if (filled.ends && wanted === filled.time && Date.parse(filled.ends) > serverNow()) return filled.ends;
  const zone = known.office?.time_zone;
  const at = instantOf(`${localOf(serverNow(), zone).slice(0, 10)}T${wanted}`, zone);
  return new Date(at > serverNow() ? at : at + 86400000).toISOString();
}

/** @param {string | null} message */
async function put(message) {
  const targets = all().checked ? offices : [{ id: officeId(), name: known.office?.name ?? "" }];
  const body = message === null ? { text: null } : { text: message, ...(until() && { until: until() }) };
  byId("notice-results").replaceChildren();
  for (const office of targets) tell(await putAt(office, body));
  await refresh();
}

/**
 * @param {Office} office
 * @param {{ text: string | null, until?: string | null }} body
 */
async function putAt(office, body) {
  try {
    await insist("PUT", `${officePath(office.id)}/notice`, { body, key: newKey() });
    const words = t(body.text === null ? "hall.result_gone" : "hall.result_shown", { office: office.name });
    return el("li", { class: "sign sign-good", "data-testid": `result-${office.id}` }, words);
  } catch (error) {
    const words = t("hall.result_failed", { office: office.name, why: problemText(error) });
    return el("li", { class: "sign sign-over", "data-testid": `result-${office.id}` }, words);
  }
}

/** @param {HTMLElement} result */
function tell(result) {
  byId("notice-results").append(result);
  result.scrollIntoView({ block: "nearest" });
}
