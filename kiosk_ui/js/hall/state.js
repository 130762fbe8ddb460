/** What the overview knows: the office, its queue, and how late it is there. */

import { isAway, Problem, problemText, request } from "../shared/api.js";
import { useZone } from "../shared/format.js";
import { officePath, say } from "../shared/page.js";
import { command, toSignIn } from "../shared/staff.js";
import { language } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("../shared/types.js").Queue} Queue */

/** After so long without an answer durations stop growing: nobody knows whether they still do. */
const TRUSTED_MILLISECONDS = 60000;

/** The names are in the language `lang`. @type {{ office: OfficeInfo | null, queue: Queue | null, lang: string }} */
export const known = { office: null, queue: null, lang: "" };
/** @type {Set<() => void>} */
const listeners = new Set();
/** By this machine's clock. @type {number | null} */
let loadedAt = null;
let hasFailed = false;
let hasComplained = false;
/** How many loads were begun, and which of them was answered last: a slow one never hides a later one. */
let begun = 0;
let answered = 0;

/** When the server was heard last, in milliseconds by this machine's clock. */
export const heardAt = () => loadedAt;
export const isFailing = () => hasFailed;

/**
 * Called after every load.
 * @param {() => void} listener
 */
export function onLoad(listener) {
  listeners.add(listener);
}

/** Raises what kept it from loading. */
export async function load() {
  const turn = (begun += 1);
  const lang = language();
  try {
    const [office, queue] = await Promise.all([
      request("GET", `${officePath()}?language=${lang}`),
      request("GET", `${officePath()}/queue?language=${lang}`),
    ]);
    if (turn > answered) take(turn, { office, queue, lang });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) toSignIn();
    if (turn > answered) hasFailed = true;
    throw error;
  }
}

/**
 * @param {number} turn
 * @param {{ office: OfficeInfo, queue: Queue, lang: string }} answer
 */
function take(turn, answer) {
  answered = turn;
  hasFailed = false;
  loadedAt = Date.now();
  Object.assign(known, answer);
  useZone(answer.office.time_zone);
  for (const listener of listeners) listener();
}

export async function refresh() {
  try {
    await load();
    if (hasComplained) say("");
    hasComplained = false;
  } catch (error) {
    if (isAway(error)) return;
    hasComplained = true;
    say(() => problemText(error), "error");
  }
}

/** The server's time, in milliseconds. */
export function serverNow() {
  const then = known.queue ? Date.parse(known.queue.now) : Date.now();
  return then + Math.min(Date.now() - (loadedAt ?? 0), TRUSTED_MILLISECONDS);
}

/** @param {string | null | undefined} at */
export const secondsSince = (at) => (at ? Math.max(0, (serverNow() - Date.parse(at)) / 1000) : null);

/** @param {string} id */
export const serviceName = (id) => known.office?.services.find((one) => one.id === id)?.name ?? id;

/** @param {string | null} code */
export const reasonName = (code) => known.office?.reasons?.find((one) => one.code === code)?.name ?? code ?? "";

/**
 * Gives the office a command and looks again; the sentence of a refusal is in `problem`.
 * @param {string} method
 * @param {string} path below the office
 * @param {object} body
 * @returns {Promise<{ done: boolean, problem: string }>}
 */
export async function run(method, path, body) {
  const outcome = await command(method, `${officePath()}/${path}`, body);
  await refresh();
  return outcome;
}
