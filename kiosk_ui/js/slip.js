/** The paper slip at the ticket machine: asks for it, prints it where the browser does, and says when none comes out. */

import { dropTaps } from "./kiosk/screens.js";
import { insist, request, sleep } from "./shared/api.js";
import { byId, el } from "./shared/dom.js";
import { officePath } from "./shared/page.js";
import { t, writeTexts } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").Ticket} Ticket */
/** @typedef {{ state: string, problem: string | null, settled: boolean, kind: string | null, width_mm: number | null }} PrintJob */

const ASK_SECONDS = 1;
/** Longer than any printer is waited for; a visitor is not. */
const LONGEST_WAIT_SECONDS = 20;

/**
 * Has the slip of a ticket printed that was just taken. Where none comes out, the screen says so beside the number
 * and its code, and the visitor may give the number up.
 * @param {Ticket} ticket
 * @param {{ onFailed: () => void, onDone: () => void, onGivenUp: () => void, isShown: () => boolean }} screen
 */
export async function printSlip(ticket, { onFailed, onDone, onGivenUp, isShown }) {
  clear();
  let job;
  try {
    job = await outcome(ticket);
  } catch (error) {
    if (isNoPrinter(error)) return;
    job = null;
  }
  if (job && ["sent", "printed", "void"].includes(job.state)) return;
  if (!isShown()) return;
  byId("issued-act").prepend(panel(onDone, onGivenUp));
  onFailed();
}

/** @param {unknown} error */
const isNoPrinter = (error) => error instanceof Error && "code" in error && error.code === "no_printer";

/**
 * @param {Ticket} ticket
 * @returns {Promise<PrintJob>}
 */
async function outcome(ticket) {
  const path = `${ticketPath(ticket)}/print`;
  const until = Date.now() + LONGEST_WAIT_SECONDS * 1000;
  /** @type {PrintJob} */
  let job = await insist("POST", path, { body: {}, secret: ticket.secret });
  if (job.kind === "browser") return (await printHere(ticket, job)) ? job : request("POST", path, { body: { failed: true }, secret: ticket.secret });
  while (!job.settled && Date.now() < until) {
    await sleep(ASK_SECONDS * 1000);
    job = await insist("GET", path);
  }
  return job;
}

/** @param {Ticket} ticket */
const ticketPath = (ticket) => `${officePath()}/tickets/${encodeURIComponent(ticket.number)}`;

/**
 * @param {Ticket} ticket
 * @param {PrintJob} job
 * @returns {Promise<boolean>} whether the browser was given the slip
 */
async function printHere(ticket, job) {
  const picture = slipPicture(ticket);
  picture.id = "slip-to-print";
  picture.className = `slip-${job.width_mm ?? 80}`;
  try {
    await picture.decode();
    // Only now: the one before may be waiting for its picture still, and what is on the page is printed.
    document.body.append(picture);
    window.print();
    return true;
  } catch {
    return false;
  } finally {
    picture.remove();
  }
}

/** @param {Ticket} ticket */
function slipPicture(ticket) {
  return /** @type {HTMLImageElement} */ (el("img", { src: `${ticketPath(ticket)}/slip`, alt: t("slip.picture", { number: ticket.number }) }));
}

function clear() {
  document.getElementById("slip-failed")?.remove();
}

/**
 * @param {() => void} onDone
 * @param {() => void} onGivenUp
 */
function panel(onDone, onGivenUp) {
  const place = el("div", { id: "slip-failed", role: "alert" });
  const failed = () => fill(place, ["slip.failed", "slip.failed_do"], button("slip-noted", "slip.noted", onDone), button("slip-give-up", "slip.give_up", sure));
  const sure = () => fill(place, ["slip.give_up"], button("slip-keep", "back", failed), button("slip-cancel", "slip.give_up", onGivenUp));
  failed();
  return place;
}

/**
 * @param {HTMLElement} place
 * @param {string[]} told the keys of what it says, the main thing first
 * @param {HTMLElement} safe the button where the screen's own was
 * @param {HTMLElement} other
 */
function fill(place, [main, ...more], safe, other) {
  safe.classList.add("button-main");
  place.replaceChildren(el("p", { class: "ticket-do", "data-text": main }), ...more.map((key) => el("p", { "data-text": key })), safe, other);
  writeTexts(place);
  dropTaps();
}

/**
 * @param {string} id
 * @param {string} text the key of its words
 * @param {() => void} onclick
 */
const button = (id, text, onclick) => el("button", { type: "button", class: "button", id, "data-text": text, onclick });
