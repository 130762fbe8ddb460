/** The services at a glance: who waits, how long against the target, what is open, how much of the quota is left. */

import { el, byId, syncList } from "../shared/dom.js";
import { minutes, waitRange } from "../shared/format.js";
import { hasText, t } from "../shared/texts.js";
import { openService } from "./service_dialog.js";
import { known } from "./state.js";
import { againstTarget } from "./waits.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */

export function drawServices() {
  const services = (known.office?.services ?? []).map((service) => {
    const now = known.queue?.services.find((one) => one.id === service.id);
    const longest = now?.longest_wait_seconds ?? null;
    const wait = againstTarget(longest, now?.wait_target_seconds);
    return { ...service, now: now && { ...now, longest_wait_seconds: null }, minutes: longest === null ? null : Math.floor(longest / 60), wait };
  });
  syncList(byId("services"), services, (service) => service.id, row);
}

/** @typedef {ServiceInfo & { now?: import("../shared/types.js").QueueService, minutes: number | null, wait: ReturnType<typeof againstTarget> }} Line */

/** @param {Line} service */
function row(service) {
  return el("tr", { "data-testid": `service-${service.id}`, "data-wait": service.wait },
    el("th", { scope: "row" }, service.name),
    el("td", { class: "right figure" }, service.waiting_count),
    el("td", {}, waitCell(service)),
    el("td", { class: "nowrap" }, service.open || service.waiting_count > 0 ? waitRange(service.wait_low, service.wait_high) : "—"),
    el("td", {}, el("span", { class: "receptions" }, reception(service, "kiosk"), reception(service, "web"))),
    el("td", { class: "quota-cell" }, quotaCell(service)),
    el("td", { class: "right" }, el("button", {
      type: "button", class: "button button-small", "data-testid": `change-${service.id}`,
      "aria-label": t("hall.change_of", { service: service.name }), onclick: () => openService(service.id),
    }, t("hall.change"))));
}

/** @param {Line} service */
function waitCell(service) {
  const target = service.now?.wait_target_seconds ?? null;
  const word = t(`hall.wait.${service.wait}`, { target: target === null ? "" : Math.round(target / 60) });
  return el("span", { class: "against" },
    el("span", { class: "figure" }, service.minutes === null ? "—" : minutes(service.minutes * 60)),
    el("span", { class: `sign sign-${service.wait}` }, word));
}

/**
 * @param {Line} service
 * @param {"kiosk" | "web"} channel
 */
function reception(service, channel) {
  if (channel === "web" && service.on_web === false) return null;
  const [isOpen, why] = channel === "kiosk" ? [service.kiosk ?? service.open, service.reason] : [service.web ?? false, service.web_reason];
  return el("span", { class: isOpen ? "way" : "way way-closed", "data-testid": `${channel}-${service.id}` }, `${t(`channel.${channel}`)} ${isOpen ? t("hall.is_open") : whyNot(why)}`);
}

/**
 * Whether a supervisor stopped it, or the hours or the quota did, which no switch changes.
 * @param {string | null | undefined} code
 */
function whyNot(code) {
  const named = known.office?.reasons?.find((one) => one.code === code)?.name;
  return named ?? (code && hasText(`hall.why.${code}`) ? t(`hall.why.${code}`) : t("hall.is_closed"));
}

/** @param {Line} service */
function quotaCell(service) {
  if (service.on_web === false || !service.now) return el("span", { class: "soft" }, "—");
  const { quota = null, web_issued: used = 0 } = service.now;
  const text = quota === null ? t("hall.quota_unlimited", { used }) : t("hall.quota_left", { used, quota, left: Math.max(0, quota - used) });
  return el("span", { class: quota !== null && used >= quota ? "spent" : "", "data-testid": `quota-${service.id}` }, text);
}
