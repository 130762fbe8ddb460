/** The clerk's console: the next visitor with one key, and everything else with one more. */

import { drawButtons, drawPending, drawUndo, makeButtons } from "./counter/buttons.js";
import { drawCurrent } from "./counter/current.js";
import { current, lacksOffice, loadOffice, loadQueue, mine, paused, takeAnswer, theCounter, theCounterId, theOffice, theQueue, theSession, useCounter, useSession } from "./counter/desk.js";
import { startKeys } from "./counter/keys.js";
import { drawLine, isOffline, noteAnswer, noteStatus } from "./counter/line.js";
import { drawLists, isPointerStill, startLists } from "./counter/lists.js";
import { comeBack, drawBreak, drawPlaces } from "./counter/places.js";
import { goOn, pending, startPresses } from "./counter/presses.js";
import { drawQuick, openQuick, startQuick } from "./counter/quick.js";
import { hush, settle, tell, trouble } from "./counter/said.js";
import { drawStrip } from "./counter/strip.js";
import { watchTabs } from "./counter/tabs.js";
import { drawTargets, loadNames, startTransfer } from "./counter/transfer.js";
import { press, pressName, takeBack, VERBS } from "./counter/verbs.js";
import { Problem, problemText } from "./shared/api.js";
import { byId, setText, show } from "./shared/dom.js";
import { counterName } from "./shared/format.js";
import { follow } from "./shared/live.js";
import { officeId, startPage } from "./shared/page.js";
import { startStaff, toSignIn } from "./shared/staff.js";
import { onLanguage, t } from "./shared/texts.js";

/** @typedef {import("./counter/presses.js").Press} Press */

const REFRESH_MILLISECONDS = 200;
const POLL_SECONDS = 10;
/** While the server is away it is asked this often, so that the lists are true soon after it is back. */
const AWAY_SECONDS = 2;

let refreshTimer = 0;
let isAsking = false;
let askAgain = false;
let wasMine = false;
let heldBack = false;

async function start() {
  await startPage();
  useSession(await startStaff({ page: "hall", label: "counter.to_hall", role: "supervisor" }));
  for (const key of document.querySelectorAll("kbd[data-key]")) setText(key, key.getAttribute("data-key") ?? "");
  makeButtons();
  startLists(draw);
  startQuick();
  startTransfer();
  startKeys({ verbs: keys(), find: openQuick, help, cancel });
  for (const verb of ["break", "close"]) byId(`${verb}-counter`).addEventListener("click", () => void press(verb));
  byId("change-counter").addEventListener("click", () => choose(""));
  byId("break-end").addEventListener("click", comeBack);
  byId("break-close").addEventListener("click", () => void press("close"));
  byId("open-help").addEventListener("click", help);
  byId("pending-cancel").addEventListener("click", cancel);
  onLanguage(() => {
    makeButtons();
    draw();
    void learnOffice();
  });
  await learnOffice();
  await refresh();
  startPresses({ onAnswer, onRefused, onDropped, onAway: noteAnswer, onChange: onPresses });
  follow(officeId(), { onFrame: (frame) => isNews(frame) && soon(), onStatus, poll: refresh, pollSeconds: 4 });
  watchTabs(() => (mine() ? theCounterId() : ""), (isShared) => show(byId("shared"), isShared));
  setInterval(everySecond, 1000);
  void loadNames().catch(() => undefined);
}

function onPresses() {
  const counter = mine();
  drawUndo();
  drawPending();
  drawLine();
  if (counter) drawLists(counter);
}

/**
 * What no board shows (who sits where, a quota) is told by the next sign of life only.
 * @param {{ type: string, seq: number }} frame
 */
const isNews = (frame) => frame.type !== "pulse" || frame.seq > (theQueue()?.seq ?? 0);

/** @returns {Record<string, () => void>} */
function keys() {
  const verbs = VERBS.map(({ verb, key }) => [key, () => whenMine(() => isEnabled(verb) && void press(verb))]);
  return {
    ...Object.fromEntries(verbs),
    N: () => void press("next"),
    B: () => (paused() ? comeBack() : whenMine(() => void press("break"))),
    Q: () => (paused() || mine()) && void press("close"),
    W: () => choose(""),
  };
}

/** @param {() => void} act */
const whenMine = (act) => void (mine() && act());

/** @param {string} verb */
const isEnabled = (verb) => !(/** @type {HTMLButtonElement} */ (byId(`verb-${verb}`)).disabled);

/** @param {import("./shared/live.js").Status} status */
function onStatus(status) {
  noteStatus(status);
  if (!status.isConnected) soon();
}

let seconds = 0;

function everySecond() {
  seconds += 1;
  drawUndo();
  drawLine();
  if (heldBack && isPointerStill()) draw();
  if (seconds % AWAY_SECONDS === 0 && lacksOffice()) void learnOffice();
  if (seconds % (isOffline() ? AWAY_SECONDS : POLL_SECONDS) === 0) soon();
}

function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
  }, REFRESH_MILLISECONDS);
}

let isLearning = false;

/** The names of services and reasons; until they are known they are asked for again. */
async function learnOffice() {
  if (isLearning) return;
  isLearning = true;
  try {
    do await loadOffice();
    while (lacksOffice());
    trouble("office", null);
    draw();
    drawTargets();
  } catch (error) {
    if (error instanceof Problem) trouble("office", () => problemText(error));
  } finally {
    isLearning = false;
  }
}

/** One question at a time, and one more if something changed meanwhile: an older answer never replaces a newer one. */
async function refresh() {
  if (isAsking) return void (askAgain = true);
  isAsking = true;
  try {
    const isFirst = !theQueue();
    askAgain = !(await loadQueue());
    noteAnswer(false);
    trouble("queue", null);
    draw();
    if (isFirst) begin();
  } catch (error) {
    if (error instanceof Problem && error.status === 401) toSignIn();
    else if (error instanceof Problem && error.status < 500) trouble("queue", () => problemText(error));
    else noteAnswer(true);
  } finally {
    isAsking = false;
  }
  if (askAgain) {
    askAgain = false;
    await refresh();
  }
}

/** After a reload or a new sign-in the clerk is back at the window that is still theirs, with what was pressed there. */
function begin() {
  const own = theQueue()?.counters.find((counter) => counter.open && counter.staff === theSession().name);
  if (!mine() && !paused()) choose(own?.id ?? "");
  goOn();
}

/** @param {string} id */
function choose(id) {
  wasMine = false;
  useCounter(id);
  draw();
}

function draw() {
  if (!theQueue()) return;
  noteTakeover();
  const counter = mine();
  const isPaused = paused() !== undefined;
  setText(byId("office-name"), theOffice()?.name ?? t("brand"));
  show(byId("choose"), !counter && !isPaused);
  const isNewBreak = isPaused && byId("break-card").hidden;
  show(byId("break-card"), isPaused);
  if (isNewBreak) byId("break-end").focus();
  show(byId("desk"), counter !== undefined);
  show(byId("strip"), counter !== undefined || isPaused);
  const here = counter ?? paused();
  if (here) drawStrip(here);
  drawPlaces(choose);
  drawBreak();
  heldBack = !isPointerStill();
  if (!counter) return;
  drawCurrent();
  drawLists(counter);
  drawButtons();
  drawQuick();
}

/** A colleague sat down here, or closed the counter, or the day has ended: said once, with the name. */
function noteTakeover() {
  if (pending().length > 0) return;
  const counter = theCounter();
  if (wasMine && counter && !mine() && !paused()) {
    const key = theQueue()?.closed ? "error.day_closed" : counter.open ? "counter.taken_over" : "counter.closed_by_other";
    tell(() => t(key, { counter: counterName(counter.label), name: counter.staff ?? "" }));
  }
  wasMine = mine() !== undefined;
}

/**
 * What the server answered is drawn at once; the lists follow.
 * @param {Press} done
 * @param {any} answer
 */
function onAnswer(done, answer) {
  if (done.verb === "open" && answer) useCounter(answer.id);
  if (done.verb === "close") wasMine = false;
  takeAnswer(answer, finishedBy(done), done.counter);
  settle(done.key);
  if (answer === null) tell(() => t("counter.nobody"), "info");
  draw();
  if (done.verb === "close" && done.counter === theCounterId()) choose("");
  void refresh();
}

/** @param {Press} done */
const finishedBy = (done) => /** @type {{ finish_number?: string }} */ (done.body).finish_number ?? "";

/**
 * @param {Press} refused
 * @param {unknown} error
 */
function onRefused(refused, error) {
  tell(() => `${pressName(refused)}${t("counter.colon")}${problemText(error)}`);
  void refresh();
}

/**
 * @param {Press} dropped
 * @param {"moved_on" | "too_many" | "forgotten" | "alone"} why
 */
function onDropped(dropped, why) {
  const now = current(dropped.counter)?.number;
  tell(() => t(`counter.dropped.${why}`, { verb: pressName(dropped), now: now ?? t("counter.empty") }));
}

/** Takes back what was not sent yet. */
function cancel() {
  const last = pending().at(-1);
  if (last && !last.isSent) return takeBack(last), true;
  hush();
  return false;
}

function help() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("help"));
  if (!dialog.open) dialog.showModal();
}

void start();
