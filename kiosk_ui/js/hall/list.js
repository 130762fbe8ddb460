/** The daily list: filters, sorted columns, sums of what is shown, pages, and the file. */

import { insist, problemText } from "../shared/api.js";
import { byId, el, setText, show } from "../shared/dom.js";
import { isoDate, minutes } from "../shared/format.js";
import { ownName } from "../shared/languages.js";
import { officeId, officePath, say } from "../shared/page.js";
import { language, onLanguage, pageLanguages, t } from "../shared/texts.js";
import { startCorrect } from "./correct.js";
import { COLUMNS, listRow, sorted } from "./list_rows.js";
import { known, onLoad } from "./state.js";
import { median } from "./waits.js";

/** @typedef {import("./list_rows.js").DayTicket} DayTicket */
/** @typedef {{ day: string, filters: Record<string, string> }} Asked */

const PAGE = 50;
const STATES = ["expected", "waiting", "called", "serving", "held", "absent", "completed", "cancelled", "expired", "closed"];
/** The fields of the form, by the name of the filter in the query. */
const FILTERS = { number: "list-number", service: "list-service", state: "list-state", counter: "list-counter", channel: "list-channel", ticket_language: "list-language", issued_from: "list-from", issued_until: "list-until", wait_over: "list-over" };

/** @type {DayTicket[]} */
let tickets = [];
/** What they were asked with; the form may say something else by now. @type {Asked | null} */
let shown = null;
/** What the table was drawn with: the day while its tickets can be corrected, and the language of its names. */
let drawn = { day: /** @type {string | null} */ (null), lang: "" };
/** How often was asked, so that a slow answer does not take the place of a later one. */
let asked = 0;
/** @type {{ column: string, isDown: boolean }} */
let order = { column: "issued_at", isDown: false };
let page = 0;
let isStarted = false;

function start() {
  byId("list-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void showList();
  });
  byId("list-clear").addEventListener("click", () => {
    for (const id of Object.values(FILTERS)) field(id).value = "";
    field("list-corrected").checked = false;
    void showList();
  });
  byId("list-csv").addEventListener("click", () => void saveCsv());
  byId("list-earlier").addEventListener("click", () => turn(-1));
  byId("list-later").addEventListener("click", () => turn(1));
  onLanguage(drawAll);
  onLoad(drawWhenChanged);
  startCorrect(() => void showList());
}

/** The day has ended, or names have come in another language. Not at every load: a button under the hand stays. */
function drawWhenChanged() {
  if (openDay() !== drawn.day || known.lang !== drawn.lang) drawAll();
}

/** @param {string} id */
const field = (id) => /** @type {HTMLInputElement} */ (byId(id));

/** Called when the view comes up. */
export function openList() {
  if (!isStarted) start();
  isStarted = true;
  if (!field("list-date").value) field("list-date").value = known.office?.business_day ?? isoDate(Date.now());
  drawChoices();
  void showList();
}

/** @returns {Asked} what the form says */
function wanted() {
  /** @type {Record<string, string>} */
  const filters = {};
  for (const [name, id] of Object.entries(FILTERS)) if (field(id).value) filters[name] = field(id).value;
  if (field("list-corrected").checked) filters.corrected = "yes";
  return { day: field("list-date").value, filters };
}

/** @param {Asked} asking */
const pathOf = ({ day, filters }) => `${officePath()}/days/${day}/tickets?${new URLSearchParams({ language: language(), ...filters })}`;

async function showList() {
  const asking = wanted();
  if (!asking.day) return;
  const turn = (asked += 1);
  try {
    const answer = await insist("GET", pathOf(asking), { isWanted: () => turn === asked });
    if (turn !== asked) return;
    tickets = answer.tickets;
    shown = asking;
    page = 0;
    drawAll();
  } catch (error) {
    if (turn === asked) say(() => problemText(error), "error");
  }
}

function drawAll() {
  if (!shown) return;
  drawChoices();
  drawColumns();
  drawSums();
  drawPage();
}

function drawChoices() {
  const office = known.office;
  const fill = (/** @type {string} */ id, /** @type {[string, string][]} */ options) => {
    const select = field(id);
    const value = select.value;
    select.replaceChildren(...[["", t("hall.any")], ...options].map(([code, name]) => el("option", { value: code }, name)));
    select.value = value;
  };
  fill("list-service", (office?.services ?? []).map((one) => [one.id, one.name]));
  fill("list-state", STATES.map((one) => [one, t(`hall.state.${one}`)]));
  fill("list-counter", (office?.counters ?? []).map((one) => [one.id, one.label]));
  fill("list-channel", ["kiosk", "web", "staff"].map((one) => [one, t(`channel.${one}`)]));
  fill("list-language", (office?.languages ?? pageLanguages()).map((one) => [one, ownName(one)]));
}

function drawColumns() {
  const heads = COLUMNS.map(({ name, label, isRight }) => {
    const isSorted = order.column === name;
    const sort = isSorted ? (order.isDown ? "descending" : "ascending") : null;
    return el("th", { scope: "col", "aria-sort": sort, class: isRight ? "right" : null },
      el("button", { type: "button", class: "sorter", "data-testid": `sort-${name}`, onclick: () => sortBy(name) }, t(label), isSorted ? (order.isDown ? " ▼" : " ▲") : ""));
  });
  byId("list-columns").replaceChildren(...heads, el("th", { scope: "col" }, el("span", { class: "unseen" }, t("col.actions"))));
}

/** @param {string} column */
function sortBy(column) {
  order = { column, isDown: order.column === column ? !order.isDown : false };
  page = 0;
  drawColumns();
  drawPage();
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-testid="sort-${column}"]`))?.focus();
}

function drawSums() {
  const waits = tickets.flatMap((one) => (one.wait_seconds === null || one.wait_seconds === undefined ? [] : [one.wait_seconds]));
  const served = tickets.flatMap((one) => (one.state === "completed" && one.was_state !== "absent" ? [one.served_seconds] : []));
  const of = (/** @type {number | null} */ seconds) => (seconds === null ? "—" : minutes(seconds));
  if (!tickets.length) return setText(byId("list-sums"), t("hall.none_found"));
  setText(byId("list-sums"), t("hall.sums", { count: tickets.length, wait: of(median(waits)), served: of(median(served)), absent: tickets.filter((one) => one.state === "absent").length, corrected: tickets.filter((one) => one.corrected_at).length }));
}

/** The list's day, while its tickets can be corrected. */
const openDay = () => (shown && shown.day === known.office?.business_day && !known.queue?.closed ? shown.day : null);

function drawPage() {
  drawn = { day: openDay(), lang: known.lang };
  const rows = sorted(tickets, order).slice(page * PAGE, (page + 1) * PAGE);
  byId("list-rows").replaceChildren(...rows.map((ticket) => listRow(ticket, drawn.day)));
  show(byId("list-pager"), tickets.length > PAGE);
  setText(byId("list-place"), t("hall.page_of", { from: page * PAGE + 1, until: page * PAGE + rows.length, count: tickets.length }));
  /** @type {HTMLButtonElement} */ (byId("list-earlier")).disabled = page === 0;
  /** @type {HTMLButtonElement} */ (byId("list-later")).disabled = (page + 1) * PAGE >= tickets.length;
}

/** @param {number} by */
function turn(by) {
  page += by;
  drawPage();
}

/** The rows that are shown as a file, whatever the form says by now. */
async function saveCsv() {
  if (!shown) return;
  const asking = shown;
  try {
    const text = await insist("GET", pathOf(asking), { accept: "text/csv" });
    // The request's own reading of the answer drops the mark by which spreadsheets know UTF-8.
    const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
    el("a", { href: url, download: `${officeId()}-${asking.day}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  } catch (error) {
    say(() => problemText(error), "error");
  }
}
