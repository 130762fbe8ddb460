/** Says how a ticket that ended wrongly really ended, or which service it was for. */

import { byId, el, setText, show } from "../shared/dom.js";
import { say } from "../shared/page.js";
import { t } from "../shared/texts.js";
import { known, run, serviceName } from "./state.js";

/** @typedef {import("./list_rows.js").DayTicket} DayTicket */

const OUTCOMES = ["completed", "absent", "cancelled"];

/** What the dialog was opened with, and of which day that is. @type {{ ticket: DayTicket, day: string } | null} */
let shown = null;

/** @param {() => void} onTried it was done, or refused, perhaps because the list is old */
export function startCorrect(onTried) {
  byId("correct-back").addEventListener("click", () => dialog().close());
  byId("correct-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void correct(onTried);
  });
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("correct-dialog"));
/** @param {string} id */
const select = (id) => /** @type {HTMLSelectElement} */ (byId(id));

/**
 * @param {DayTicket} wanted
 * @param {string} day
 */
export function openCorrect(wanted, day) {
  shown = { ticket: wanted, day };
  tell("");
  setText(byId("correct-heading"), t("hall.correct_ask", { number: wanted.number }));
  setText(byId("correct-now"), t("hall.correct_now", { state: t(`hall.state.${wanted.state}`), service: serviceName(wanted.service) }));
  fill("correct-state", [["", t("hall.as_it_is")], ...OUTCOMES.filter((one) => one !== wanted.state).map((one) => [one, t(`hall.state.${one}`)])]);
  fill("correct-service", [["", t("hall.as_it_is")], ...(known.office?.services ?? []).filter((one) => one.id !== wanted.service).map((one) => [one.id, one.name])]);
  fill("correct-reason", [["", t("hall.choose")], ...(known.office?.reasons ?? []).map((one) => [one.code, one.name])]);
  dialog().showModal();
}

/**
 * @param {string} id
 * @param {string[][]} options
 */
function fill(id, options) {
  select(id).replaceChildren(...options.map(([value, name]) => el("option", { value }, name)));
}

/** @param {() => void} onTried */
async function correct(onTried) {
  if (!shown) return;
  const state = select("correct-state").value;
  const service = select("correct-service").value;
  const reason = select("correct-reason").value;
  if (!state && !service) return tell(t("error.nothing_to_correct"));
  const asked = shown;
  const { ticket, day } = asked;
  const { number } = ticket;
  const body = { reason, ...(state && { state }), ...(service && { service }), business_day: day, seen_state: ticket.state, seen_service: ticket.service };
  const { done, problem } = await run("POST", `tickets/${encodeURIComponent(number)}/correct`, body);
  onTried();
  const isHere = shown === asked && dialog().open;
  if (!done) return isHere ? tell(problem) : say(`${number}: ${problem}`, "error");
  if (isHere) dialog().close();
  say(t("hall.correct_done", { number }));
}

/** @param {string} text */
function tell(text) {
  const place = byId("correct-message");
  setText(place, text);
  place.classList.add("message-error");
  show(place, text !== "");
}
