/** What the overview knows: the office, its queue, and how late it is there. */

import { isAway, problemText, request } from "../shared/api.js";
import { useZone } from "../shared/format.js";
import { officePath, say } from "../shared/page.js";
import { command } from "../shared/staff.js";
import { language } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("../shared/types.js").Queue} Queue */

/** After so long without an answer durations stop growing: nobody knows whether they still do. */
const TRUSTED_MILLISECONDS = 60000;

/** @type {{ office: OfficeInfo | null, queue: Queue | null }} */
export const known = { office: null, queue: null };
/** @type {Set<() => void>} */
const listeners = new Set();
let loadedAt = 0;

/**
 * Called after every load.
 * @param {() => void} listener
 */
export function onLoad(listener) {
  listeners.add(listener);
}

/** Raises what kept it from loading. */
export async function load() {
  const [office, queue] = await Promise.all([
    request("GET", `${officePath()}?language=${language()}`),
    request("GET", `${officePath()}/queue?language=${language()}`),
  ]);
  Object.assign(known, { office, queue });
  loadedAt = Date.now();
  useZone(office.time_zone);
  for (const listener of listeners) listener();
}

export async function refresh() {
  try {
    await load();
  } catch (error) {
    if (!isAway(error)) say(() => problemText(error), "error");
  }
}

/** The server's time, in milliseconds. */
export function serverNow() {
  const then = known.queue ? Date.parse(known.queue.now) : Date.now();
  return then + Math.min(Date.now() - loadedAt, TRUSTED_MILLISECONDS);
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
