/** What the console knows: who works where, and the office's queue as last heard, with answers to commands drawn in at once. */

import { request } from "../shared/api.js";
import { useZone } from "../shared/format.js";
import { officePath } from "../shared/page.js";
import { language } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").Queue} Queue */
/** @typedef {import("../shared/types.js").QueueTicket} QueueTicket */
/** @typedef {import("../shared/types.js").QueueCounter} QueueCounter */
/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/** @typedef {import("../shared/types.js").Session} Session */

const CHOSEN = "junban.counter";

/** @type {Session} */
let session = { name: "", roles: [], offices: [] };
/** @type {OfficeInfo | null} */
let office = null;
/** The language its names are in. */
let officeLanguage = "";
/** @type {Queue | null} */
let queue = null;
let counterId = sessionStorage.getItem(CHOSEN) ?? "";
/** Server time minus this machine's, milliseconds. */
let clockOffset = 0;
/** @type {number | null} */
let loadedAt = null;
/** Counts the answers to commands, so that a list that was asked for before one never hides it. */
let version = 0;

export const theSession = () => session;
export const theOffice = () => office;
/** The office is not known yet, or only in another language. */
export const lacksOffice = () => officeLanguage !== language();
export const theQueue = () => queue;
export const theCounterId = () => counterId;
/** When the lists were heard last, by this machine's clock. */
export const heardAt = () => loadedAt;
export const serverNow = () => Date.now() + clockOffset;
export const isSupervisor = () => session.roles.includes("supervisor");

/** @param {Session} signedIn */
export function useSession(signedIn) {
  session = signedIn;
}

/** @param {string} id */
export function useCounter(id) {
  counterId = id;
  sessionStorage.setItem(CHOSEN, id);
}

export async function loadOffice() {
  const asked = language();
  office = await request("GET", `${officePath()}?language=${asked}`);
  officeLanguage = asked;
  useZone(office?.time_zone);
}

/**
 * @returns {Promise<boolean>} false: what came is older than what is known, please ask again
 */
export async function loadQueue() {
  const asked = version;
  /** @type {Queue} */
  const answer = await request("GET", `${officePath()}/queue`, { timeout: 8000 });
  if (asked !== version) return false;
  loadedAt = Date.now();
  if (queue && answer.seq < queue.seq && answer.now < queue.now) return true;
  queue = answer;
  clockOffset = Date.parse(answer.now) - Date.now();
  return true;
}

/** @param {QueueCounter} counter */
export const isOwn = (counter) => counter.staff === session.name;

export const theCounter = (id = counterId) => queue?.counters.find((counter) => counter.id === id);

/** The counter, while this clerk sits there. */
export function mine() {
  const counter = theCounter();
  return counter?.open && isOwn(counter) ? counter : undefined;
}

/** The counter, while this clerk is on a break from it. */
export function paused() {
  const counter = theCounter();
  return counter?.on_break && !counter.open && counter.on_break.staff === session.name ? counter : undefined;
}

/** The ticket at the counter. */
export const current = (id = counterId) => queue?.tickets.find((ticket) => ticket.counter === id && ["called", "serving"].includes(ticket.state));

/** @param {string} number */
export const ticketOf = (number) => queue?.tickets.find((ticket) => ticket.number === number);

const OPEN = ["expected", "waiting", "called", "serving", "held", "absent"];

/**
 * Draws the answer to a command into the queue before the server is asked for it.
 * @param {any} answer a ticket, a counter or null
 * @param {string} finished the ticket that was at the counter and is not any more
 * @param {string} id the counter that was meant
 */
export function takeAnswer(answer, finished, id) {
  version += 1;
  if (!queue) return;
  queue.tickets = queue.tickets.filter((each) => each.number !== finished);
  if (answer?.label !== undefined) return putCounter(answer);
  if (answer) putTicket(answer);
  const counter = theCounter(id);
  // Only the answer to a counter's verb says what can be taken back now.
  if (counter) putCounter({ ...counter, number: current(id)?.number ?? null, undo: answer?.undo === undefined ? counter.undo : answer.undo });
}

/** @param {QueueCounter} answer */
function putCounter(answer) {
  if (queue) queue.counters = queue.counters.map((counter) => (counter.id === answer.id ? answer : counter));
}

/** @param {QueueTicket} answer */
function putTicket(answer) {
  if (!queue) return;
  const known = ticketOf(answer.number);
  queue.tickets = queue.tickets.filter((each) => each.number !== answer.number);
  if (OPEN.includes(answer.state)) queue.tickets.push({ ...NEW, ...known, ...answer, wait_seconds: known?.wait_seconds ?? null });
}

/** What the answer to a command does not say of a ticket that was not on the list yet. */
const NEW = { channel: "", arrived_at: null, reason: null, wait_seconds: null };

/** @param {string} id */
export const serviceName = (id) =>
  office?.services.find((service) => service.id === id)?.name ?? queue?.services.find((service) => service.id === id)?.name ?? id;

/** @param {string | null | undefined} code */
export const reasonName = (code) => (code ? office?.reasons?.find((one) => one.code === code)?.name ?? code : "");

/** May this clerk call a chosen number? */
export const mayCall = () => (queue?.call_number ?? "clerk") === "clerk" || (queue?.call_number === "supervisor" && isSupervisor());
