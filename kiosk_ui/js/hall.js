/** The supervisor's overview: everything at a glance, the day's list, the day's course. */

import { byId, el, setText, syncList } from "./shared/dom.js";
import { minutes } from "./shared/format.js";
import { follow } from "./shared/live.js";
import { officeId, startPage } from "./shared/page.js";
import { startStaff } from "./shared/staff.js";
import { onLanguage, t } from "./shared/texts.js";
import { breakOf, drawCounters } from "./hall/counters.js";
import { startDay } from "./hall/day.js";
import { drawLine, noteStatus } from "./hall/line.js";
import { startNotice } from "./hall/notice.js";
import { startServiceDialog } from "./hall/service_dialog.js";
import { drawServices } from "./hall/services.js";
import { isFailing, known, load, onLoad, refresh } from "./hall/state.js";
import { startViews } from "./hall/views.js";
import { againstTarget } from "./hall/waits.js";

const REFRESH_MILLISECONDS = 700;
const DURATIONS_MILLISECONDS = 15000;
const LINE_MILLISECONDS = 3000;
let refreshTimer = 0;
/** @type {import("./hall/views.js").View} */
let seen = "now";

async function start() {
  await startPage();
  const session = await startStaff({ page: "counter", label: "hall.to_counter", role: "clerk" });
  onLoad(draw);
  onLanguage(() => void refresh());
  startServiceDialog();
  startNotice(session);
  startDay();
  await refresh();
  startViews((view) => void open(view));
  follow(officeId(), {
    onFrame: (frame) => {
      // What no board shows leads to no frame of its own, but signs of life say how far the hall is.
      if (frame.type !== "pulse" || frame.seq > (known.queue?.seq ?? 0)) soon();
    },
    onStatus: noteStatus,
    poll: load,
  });
  setInterval(soon, DURATIONS_MILLISECONDS);
  setInterval(keepLine, LINE_MILLISECONDS);
}

/**
 * The list and the charts are fetched when they are first wanted: the overview itself must be there soon.
 * @param {import("./hall/views.js").View} view
 */
async function open(view) {
  seen = view;
  if (view === "list") (await import("./hall/list.js")).openList();
  if (view === "charts") (await import("./hall/charts.js")).openCharts(() => seen === "charts");
}

function soon() {
  if (refreshTimer) return;
  refreshTimer = window.setTimeout(() => {
    refreshTimer = 0;
    void refresh();
    if (seen === "charts") void import("./hall/charts.js").then(({ chartsSoon }) => chartsSoon());
  }, REFRESH_MILLISECONDS);
}

/** A load that failed is tried again at once, not when something happens next. */
function keepLine() {
  drawLine();
  if (isFailing()) soon();
}

function draw() {
  drawLine();
  setText(byId("office-name"), known.office?.name ?? "");
  drawFacts();
  drawServices();
  drawCounters();
}

/** What a supervisor sees from the other end of the room. */
function drawFacts() {
  const services = known.queue?.services ?? [];
  const counters = known.queue?.counters ?? [];
  const waiting = (known.office?.services ?? []).reduce((sum, one) => sum + one.waiting_count, 0);
  const longest = services.reduce((/** @type {number | null} */ most, one) => ((one.longest_wait_seconds ?? null) === null ? most : Math.max(most ?? 0, Number(one.longest_wait_seconds))), null);
  const over = services.filter((one) => againstTarget(one.longest_wait_seconds, one.wait_target_seconds) === "over").length;
  const open = counters.filter((one) => one.open && !breakOf(one)).length;
  const facts = [
    { id: "waiting", name: t("hall.fact_waiting"), value: t("people.count", { count: waiting }), sign: "" },
    { id: "longest", name: t("hall.longest"), value: longest === null ? "—" : minutes(longest), sign: "" },
    { id: "over", name: t("hall.fact_over"), value: t("hall.fact_services", { count: over }), sign: over ? "over" : "good" },
    { id: "open", name: t("hall.fact_open"), value: t("hall.fact_counters", { open, count: counters.length }), sign: "" },
  ];
  syncList(byId("facts"), facts, (fact) => fact.id, (fact) => el("div", { class: "fact", "data-testid": `fact-${fact.id}` },
    el("dt", {}, fact.name), el("dd", { class: fact.sign ? `sign sign-${fact.sign}` : "" }, fact.value)));
}

void start();
