/** How many wait for this counter's services, how long the longest, and whether that is more than the target: in words and a sign. */

import { byId, el, setText, syncList } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { serviceName, theQueue } from "./desk.js";

/** @typedef {import("../shared/types.js").QueueCounter} QueueCounter */

/** From this part of the target on it is said that it comes near. */
const NEAR = 0.8;
/** So many services are named, those with the longest waits. */
const MOST_NAMED = 4;

/** @param {QueueCounter} counter */
export function drawStrip(counter) {
  const lines = counter.services.map(lineOf);
  const worst = lines.some((line) => line.level === "over") ? "over" : lines.some((line) => line.level === "near") ? "near" : "calm";
  const count = lines.reduce((sum, line) => sum + line.count, 0);
  const longest = Math.max(0, ...lines.map((line) => line.longest));
  byId("strip").dataset.level = worst;
  setText(byId("strip-count"), t("counter.strip_count", { count }));
  setText(byId("strip-longest"), count ? t("counter.strip_longest", { minutes: longest }) : "");
  const hasTarget = lines.some((line) => line.target !== null);
  setText(byId("strip-level"), hasTarget && count ? t(`counter.level.${worst}`) : "");
  syncList(byId("strip-services"), lines.length > 1 ? longestFirst(lines).slice(0, MOST_NAMED) : [], (line) => line.id, serviceItem);
}

/** @param {ReturnType<typeof lineOf>[]} lines */
const longestFirst = (lines) => lines.filter((line) => line.count > 0).sort((one, other) => other.longest - one.longest || other.count - one.count);

/** @param {string} id */
function lineOf(id) {
  const waits = (theQueue()?.tickets ?? []).filter((ticket) => ticket.state === "waiting" && ticket.service === id).map((ticket) => ticket.wait_seconds ?? 0);
  const target = theQueue()?.services.find((service) => service.id === id)?.wait_target_seconds ?? null;
  const longest = Math.max(0, ...waits);
  const level = target === null || longest < target * NEAR ? "calm" : longest > target ? "over" : "near";
  return { id, name: serviceName(id), count: waits.length, longest: Math.floor(longest / 60), target, level };
}

/** @param {ReturnType<typeof lineOf>} line */
function serviceItem(line) {
  const target = line.target === null ? "" : t("counter.target", { minutes: Math.round(line.target / 60) });
  return el("li", { "data-level": line.level, "data-testid": `strip-${line.id}` },
    el("span", {}, line.name), " ",
    el("b", {}, t("counter.strip_service", { count: line.count, minutes: line.longest })), " ", target ? el("span", { class: "soft" }, target) : null);
}
