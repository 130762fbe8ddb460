/** The counters at a glance: who is there, whom they serve, and since when. */

import { byId, el, syncList } from "../shared/dom.js";
import { clockTime, counterName, minutes } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { known, secondsSince } from "./state.js";
import { isLongVisit } from "./waits.js";

/**
 * A counter that is having a break; the server may not know of breaks.
 * @param {any} counter
 * @returns {{ since: string | null } | null}
 */
export function breakOf(counter) {
  const value = counter?.on_break;
  if (!value) return null;
  const since = typeof value === "object" ? value.since : typeof value === "string" ? value : counter.break_since;
  return { since: since ?? null };
}

export function drawCounters() {
  const counters = (known.queue?.counters ?? []).map((counter) => {
    const rest = breakOf(counter);
    const seconds = secondsSince(rest ? rest.since : counter.since);
    return {
      id: counter.id,
      label: counter.label,
      staff: counter.staff,
      number: counter.number,
      state: rest ? "break" : !counter.open ? "closed" : counter.number ? (counter.state ?? "serving") : "free",
      minutes: seconds === null ? null : Math.floor(seconds / 60),
      since: rest?.since ?? counter.since ?? null,
      isLong: !rest && isLongVisit(seconds, counter.usual_seconds),
      services: counter.services,
    };
  });
  syncList(byId("counters"), counters, (counter) => counter.id, tile);
}

/** @typedef {{ id: string, label: string, staff: string | null, number: string | null, state: string, minutes: number | null, since: string | null, isLong: boolean, services: string[] }} Line */

/** @param {Line} counter */
function tile(counter) {
  const lasts = counter.minutes === null ? "" : minutes(counter.minutes * 60);
  return el("li", { class: "tile", "data-state": counter.state, "data-long": counter.isLong, "data-testid": `counter-${counter.id}` },
    el("span", { class: "tile-head" },
      el("b", {}, counterName(counter.label)),
      el("span", { class: `tile-state is-${counter.state}` }, t(`hall.counter.${counter.state}`))),
    counter.number ? el("span", { class: "tile-visit" },
      el("b", { class: "number" }, counter.number),
      el("span", { class: "figure", title: counter.since ? t("hall.since", { time: clockTime(counter.since) }) : "" }, lasts),
      counter.isLong ? el("span", { class: "sign sign-over" }, t("hall.long")) : null) : null,
    counter.state === "break" && lasts ? el("span", {}, lasts) : null,
    counter.staff ? el("span", { class: "soft small" }, counter.staff) : null);
}
