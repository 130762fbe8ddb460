/** Says how a ticket that ended wrongly really ended, or which service it was for. */

import { byId, el, setText, show } from "../shared/dom.js";
import { say } from "../shared/page.js";
import { t } from "../shared/texts.js";
import { known, run, serviceName } from "./state.js";

/** @typedef {import("./list_rows.js").DayTicket} DayTicket */

const OUTCOMES = ["completed", "absent", "cancelled"];

/** @type {DayTicket | null} */
let ticket = null;

/** @param {() => void} onDone */
export function startCorrect(onDone) {
  byId("correct-back").addEventListener("click", () => dialog().close());
  byId("correct-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void correct(onDone);
  });
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("correct-dialog"));
/** @param {string} id */
const select = (id) => /** @type {HTMLSelectElement} */ (byId(id));

/** @param {DayTicket} wanted */
export function openCorrect(wanted) {
  ticket = wanted;
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

/** @param {() => void} onDone */
async function correct(onDone) {
  if (!ticket) return;
  const state = select("correct-state").value;
  const service = select("correct-service").value;
  const reason = select("correct-reason").value;
  if (!state && !service) return tell(t("error.nothing_to_correct"));
  const { number } = ticket;
  const { done, problem } = await run("POST", `tickets/${encodeURIComponent(number)}/correct`, { reason, ...(state && { state }), ...(service && { service }) });
  if (!done) return tell(problem);
  dialog().close();
  say(t("hall.correct_done", { number }));
  onDone();
}

/** @param {string} text */
function tell(text) {
  const place = byId("correct-message");
  setText(place, text);
  place.classList.add("message-error");
  show(place, text !== "");
}
