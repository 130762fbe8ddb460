/** The counters to sit down at, and the break from one. */

import { byId, el, setText, syncList } from "../shared/dom.js";
import { clockTime, counterName } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { isOwn, isSupervisor, paused, serviceName, theCounterId, theQueue, theSession } from "./desk.js";
import { sit } from "./verbs.js";

/** @typedef {import("../shared/types.js").QueueCounter} QueueCounter */

/** @param {(id: string) => void} choose */
export function drawPlaces(choose) {
  const rows = (theQueue()?.counters ?? []).map((counter) => ({
    id: counter.id, label: counter.label, services: counter.services.map(serviceName), status: statusOf(counter), isTaken: isTaken(counter),
    isOwn: counter.open && isOwn(counter),
  }));
  syncList(byId("windows"), rows, (row) => row.id, (row) =>
    el("button", { type: "button", class: "window", "data-testid": `open-${row.id}`, disabled: row.isTaken && !isSupervisor(), onclick: () => (row.isOwn ? choose(row.id) : sit(row.id)) },
      el("span", { class: "window-label" }, counterName(row.label)),
      el("span", {}, row.status),
      el("span", { class: "small soft" }, row.services.join(t("list_separator")))));
}

/** A supervisor may sit down in a colleague's place, with the visitor who is there. @param {QueueCounter} counter */
const isTaken = (counter) => counter.open && !isOwn(counter);

/** @param {QueueCounter} counter */
function statusOf(counter) {
  if (isTaken(counter)) return t("counter.taken", { name: counter.staff ?? "" });
  if (counter.open) return t("counter.yours");
  if (!counter.on_break) return t("counter.free");
  const time = clockTime(counter.on_break.since);
  return counter.on_break.staff === theSession().name ? t("counter.your_break", { time }) : t("counter.their_break", { name: counter.on_break.staff ?? "", time });
}

export function drawBreak() {
  const counter = paused();
  if (!counter?.on_break) return;
  setText(byId("break-heading"), counterName(counter.label));
  setText(byId("break-since"), t("counter.on_break", { time: clockTime(counter.on_break.since) }));
}

export const comeBack = () => sit(theCounterId());
