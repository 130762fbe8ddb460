/** The office as the server last told it, and whether the server can be reached. */

import { isAway, problemText, request, sleep } from "../shared/api.js";
import { byId, show } from "../shared/dom.js";
import { closedWhy, useZone } from "../shared/format.js";
import { follow } from "../shared/live.js";
import { offerLanguages, officeId, officePath, say, unsay } from "../shared/page.js";
import { language, load, t, useLanguage, wantedLanguage } from "../shared/texts.js";
import { onHome, screen } from "./screens.js";

/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */

/** Many changes at once are one question. */
const GATHER_MS = 500;
/** Until the line is free for what is not needed yet. */
const REST_MS = 5000;

/** @type {OfficeInfo | null} */
let told = null;
let isServerAway = false;
let refreshTimer = 0;
/** What was said of the last question, if it failed. */
let failure = () => "";
let firstLanguage = "ja";
/** @type {() => void} */
let draw = () => {};

export const office = () => told;
export const serverIsAway = () => isServerAway;

/** @param {string} service its id */
export const nameOf = (service) => told?.services.find((each) => each.id === service)?.name ?? "";

/** @param {ServiceInfo} service */
export const mayTake = (service) => service.kiosk ?? service.open;

/** @param {ServiceInfo} service */
export const whyClosed = (service) => closedWhy(told, service.reason, service.opens_at, t("service.closed"));

/**
 * Keeps what is known of the office fresh, for weeks.
 * @param {() => void} onChange
 */
export async function followOffice(onChange) {
  draw = onChange;
  onHome(() => wantedLanguage() !== firstLanguage && void useLanguage(firstLanguage, false));
  await refresh();
  follow(officeId(), {
    onFrame: (frame) => frame.type !== "pulse" && soon(),
    onStatus: ({ isStale, isConnected }) => (isConnected ? soon() : isStale && setAway(true)),
    poll: ask,
    pollSeconds: 5,
  });
  setInterval(() => void refresh(), 30000);
}

/** For a language that is touched while the server is away. It is no part of the first view. */
export async function loadLanguages() {
  await sleep(REST_MS);
  for (const lang of told?.languages ?? []) await load(lang);
}

/** @param {boolean} away */
export function setAway(away) {
  isServerAway = away;
  show(byId("away"), away);
  draw();
}

export async function refresh() {
  try {
    await ask();
  } catch (error) {
    if (isAway(error)) setAway(true);
    else tellFailure(error);
  }
}

/** Until the next good answer. @param {unknown} error */
function tellFailure(error) {
  failure = () => problemText(error);
  say(failure, "error");
}

function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
  }, GATHER_MS);
}

async function ask() {
  const asked = language();
  const answer = await request("GET", `${officePath()}?language=${asked}`);
  // Somebody has chosen another language meanwhile; its names are on their way.
  if (asked !== language()) return;
  told = answer;
  unsay(failure);
  useOfficeLanguages(answer.languages);
  useZone(answer.time_zone);
  setAway(false);
}

/**
 * The office's first language is where every visitor starts.
 * @param {string[]} languages
 */
function useOfficeLanguages(languages) {
  offerLanguages(languages);
  if (firstLanguage === languages[0]) return;
  firstLanguage = languages[0];
  if (screen() === "start") void useLanguage(firstLanguage, false);
}
