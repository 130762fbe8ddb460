/** The course of a day: people waiting, arrivals and calls, and waits against the target, as charts and as a table. */

import { isAway, problemText, request } from "../shared/api.js";
import { byId, el, setText, show } from "../shared/dom.js";
import { clockTime, isoDate } from "../shared/format.js";
import { officePath, say } from "../shared/page.js";
import { language, onLanguage, t } from "../shared/texts.js";
import { drawChart } from "./chart.js";
import { known } from "./state.js";

/** @typedef {{ waiting: number[], arrivals: number[], calls: number[], median_wait_seconds: (number | null)[], measured: number, within_target: number, wait_target_seconds?: number | null }} Course */
/** @typedef {Course & { id: string, name: string, wait_target_seconds: number | null }} ServiceCourse */
/** @typedef {{ business_day: string, starts: string[], all: Course, services: ServiceCourse[] }} Day */

const PAUSE_MILLISECONDS = 10000;

/** @type {Day | null} */
let day = null;
let isOpen = () => false;
let isStarted = false;
/** How often was asked, so that a slow answer does not take the place of a later one. */
let asked = 0;
let askedAt = 0;
let timer = 0;

function start() {
  byId("charts-form").addEventListener("submit", (event) => event.preventDefault());
  byId("charts-date").addEventListener("change", () => void look());
  byId("charts-service").addEventListener("change", draw);
  onLanguage(() => {
    if (isOpen()) void look();
  });
}

const date = () => /** @type {HTMLInputElement} */ (byId("charts-date"));
const select = () => /** @type {HTMLSelectElement} */ (byId("charts-service"));

/** @param {() => boolean} isUp the view is seen now */
export function openCharts(isUp) {
  if (!isStarted) start();
  isStarted = true;
  isOpen = isUp;
  if (!date().value) date().value = known.office?.business_day ?? isoDate(Date.now());
  void look();
}

/** Something happened in the hall: today's charts follow, in peace. */
export function chartsSoon() {
  if (!isOpen() || timer || date().value !== known.office?.business_day) return;
  timer = window.setTimeout(() => {
    timer = 0;
    if (isOpen()) void look();
  }, Math.max(500, PAUSE_MILLISECONDS - (Date.now() - askedAt)));
}

async function look() {
  if (!date().value) return;
  askedAt = Date.now();
  const turn = (asked += 1);
  try {
    const answer = await request("GET", `${officePath()}/days/${date().value}/quarters?language=${language()}`);
    if (turn !== asked) return;
    day = answer;
    draw();
  } catch (error) {
    if (turn === asked && !isAway(error)) say(() => problemText(error), "error");
  }
}

function draw() {
  if (!day) return;
  const chosen = select().value;
  select().replaceChildren(...[{ id: "", name: t("hall.all_services") }, ...day.services].map((one) => el("option", { value: one.id }, one.name)));
  select().value = day.services.some((one) => one.id === chosen) ? chosen : "";
  const course = day.services.find((one) => one.id === select().value) ?? { ...day.all, wait_target_seconds: commonTarget(day) };
  const isEmpty = day.starts.length === 0;
  show(byId("charts-none"), isEmpty);
  show(byId("charts-details"), !isEmpty);
  setText(byId("charts-sums"), course.measured ? t("hall.within", { within: course.within_target, count: course.measured, percent: Math.round((100 * course.within_target) / course.measured) }) : "");
  byId("charts").replaceChildren(...(isEmpty ? [] : figures(course, day.starts)));
  byId("charts-table").replaceChildren(...(isEmpty ? [] : table(course, day.starts)));
}

/**
 * All services together have a target only if it is the same for each.
 * @param {Day} of
 */
function commonTarget(of) {
  const targets = new Set(of.services.map((one) => one.wait_target_seconds));
  return targets.size === 1 ? [...targets][0] : null;
}

/** @param {number | null} seconds */
const inMinutes = (seconds) => (seconds === null ? null : Math.round(seconds / 6) / 10);

/**
 * @param {Course} course
 * @param {string[]} starts
 */
function figures(course, starts) {
  const labels = starts.map((at) => clockTime(at));
  const target = inMinutes(course.wait_target_seconds ?? null);
  const waits = course.median_wait_seconds.map(inMinutes);
  const most = Math.max(...course.waiting);
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((total, one) => total + one, 0);
  const charts = [
    drawChart({ id: "chart-waiting", title: t("hall.chart_waiting"), labels,
      description: t("hall.desc_waiting", { most, time: labels[course.waiting.indexOf(most)], now: course.waiting.at(-1) ?? 0 }),
      series: [{ name: t("hall.people_waiting"), values: course.waiting, look: "a" }] }),
    drawChart({ id: "chart-flow", title: t("hall.chart_flow"), labels,
      description: t("hall.desc_flow", { arrivals: sum(course.arrivals), calls: sum(course.calls) }),
      series: [{ name: t("hall.arrivals"), values: course.arrivals, look: "a" }, { name: t("hall.calls"), values: course.calls, look: "b" }] }),
    drawChart({ id: "chart-waits", title: t("hall.chart_waits"), labels,
      description: t("hall.desc_waits", { most: Math.max(0, ...waits.map((one) => one ?? 0)), target: target ?? "—" }),
      series: [{ name: t("hall.median"), values: waits, look: "a" }],
      target: target === null ? null : { value: target, name: t("hall.target", { target }) } }),
  ];
  const titles = [t("hall.chart_waiting"), t("hall.chart_flow"), t("hall.chart_waits")];
  return charts.map((picture, place) => el("figure", {}, el("figcaption", {}, titles[place]), picture));
}

/**
 * @param {Course} course
 * @param {string[]} starts
 */
function table(course, starts) {
  const heads = [t("hall.quarter"), t("hall.people_waiting"), t("hall.arrivals"), t("hall.calls"), t("hall.median")];
  const rows = starts.map((at, place) => el("tr", {},
    el("th", { scope: "row", class: "figure" }, clockTime(at)),
    ...[course.waiting[place], course.arrivals[place], course.calls[place], inMinutes(course.median_wait_seconds[place]) ?? "—"].map((one) => el("td", { class: "figure right" }, one))));
  return [el("thead", {}, el("tr", {}, ...heads.map((head, place) => el("th", { scope: "col", class: place ? "right" : null }, head)))), el("tbody", {}, ...rows)];
}
