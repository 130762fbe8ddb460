/** The business day: its planned end, the arrival code, going on longer, ending early. */

import { request } from "../shared/api.js";
import { ask, byId, setText, show } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { officePath, say } from "../shared/page.js";
import { onLanguage, t } from "../shared/texts.js";
import { known, onLoad, run } from "./state.js";
import { instantOf, localOf } from "./zone.js";

const CODE_MILLISECONDS = 20000;
/** Counts how often the dialog was opened. */
let opening = 0;

export function startDay() {
  byId("day-open").addEventListener("click", open);
  byId("day-back").addEventListener("click", () => dialog().close());
  byId("extend-form").addEventListener("submit", (event) => void extend(event));
  byId("close-day").addEventListener("click", () => void close());
  onLoad(draw);
  onLanguage(draw);
  void keepArrivalCode();
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("day-dialog"));
const field = () => /** @type {HTMLInputElement} */ (byId("extend-until"));

function draw() {
  const closesAt = known.office?.closes_at;
  const words = known.queue?.closed ? t("hall.day_closed") : closesAt ? t("hall.closes_at", { time: clockTime(closesAt) }) : "";
  setText(byId("closes-at"), words);
  setText(byId("day-now"), words);
  show(byId("close-day"), !known.queue?.closed);
  setText(byId("close-what"), t("hall.close_what", counts()));
}

/** Whose numbers end with the day. */
function counts() {
  const tickets = known.queue?.tickets ?? [];
  const of = (/** @type {string[]} */ ...states) => tickets.filter((ticket) => states.includes(ticket.state)).length;
  return { waiting: of("waiting"), served: of("called", "serving"), others: of("held", "absent", "expected") };
}

function open() {
  opening += 1;
  tell("");
  const closesAt = known.office?.closes_at;
  if (closesAt) field().value = localOf(Date.parse(closesAt) + 3600000, known.office?.time_zone);
  dialog().showModal();
}

/** @param {SubmitEvent} event */
async function extend(event) {
  event.preventDefault();
  const until = new Date(instantOf(field().value, known.office?.time_zone)).toISOString();
  await give("day/extend", { until });
}

async function close() {
  draw();
  if ((await ask(byId("close-dialog"))) === "yes") await give("day/close", {});
}

/**
 * @param {string} what
 * @param {object} body
 */
async function give(what, body) {
  const asked = opening;
  const { done, problem } = await run("POST", what, body);
  const isHere = asked === opening && dialog().open;
  if (!done) return isHere ? tell(problem) : say(`${t("hall.day")}: ${problem}`, "error");
  if (isHere) dialog().close();
  say(t("hall.done"));
}

/** @param {string} text */
function tell(text) {
  const place = byId("day-message");
  setText(place, text);
  place.classList.add("message-error");
  show(place, text !== "");
}

async function keepArrivalCode() {
  try {
    const { code } = await request("GET", `${officePath()}/arrival-code`);
    setText(byId("arrival-code"), code);
    show(byId("arrival"), true);
  } catch {
    show(byId("arrival"), false);
  }
  setTimeout(keepArrivalCode, CODE_MILLISECONDS);
}
