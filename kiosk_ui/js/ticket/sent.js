/** What became of each message: sent when, under way, not delivered, or too late. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { clockTime } from "../shared/format.js";
import { hasText, t } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").Alert} Alert */

/** What the visitor was told of last, so that only news is spoken. */
let spoken = "";

/** @param {Alert[]} alerts oldest first */
export function drawSent(alerts) {
  const told = alerts.filter((alert) => alert.state !== "dropped" || alert.late);
  show(byId("sent"), told.length > 0);
  syncList(byId("sent-list"), [...told].reverse(), (alert) => `${told.indexOf(alert)}`, sentItem);
  speak(told);
}

/**
 * Has the last message on this channel failed?
 * @param {Alert[]} alerts
 * @param {string} channel
 */
export function hasFailed(alerts, channel) {
  const settled = alerts.filter((alert) => alert.channel === channel && ["sent", "failed"].includes(alert.state));
  return settled.at(-1)?.state === "failed";
}

/** @param {Alert} alert */
function outcome({ state, at, channel }) {
  if (state === "failed") return t(failedKey(channel));
  if (state === "dropped") return t("alerts.outcome.late");
  return state === "sent" ? t("alerts.outcome.sent", { time: clockTime(at) }) : t("alerts.outcome.sending");
}

/** @param {string} channel */
export const failedKey = (channel) => (hasText(`alerts.failed.${channel}`) ? `alerts.failed.${channel}` : "alerts.failed.email");

/** @param {Alert} alert */
const kindText = ({ kind }) => (hasText(`alerts.kind.${kind}`) ? t(`alerts.kind.${kind}`) : t("alerts.message"));

/** @param {Alert} alert */
function sentItem(alert) {
  const channel = hasText(`alerts.channel.${alert.channel}`) ? t(`alerts.channel.${alert.channel}`) : "";
  return el("li", { class: `sent-item sent-${alert.state}`, "data-testid": `alert-${alert.kind}`, "data-state": alert.state },
    el("span", { class: "sent-kind" }, kindText(alert), " ", el("span", { class: "soft small" }, channel)),
    el("span", { class: "sent-outcome" }, outcome(alert)));
}

/**
 * A screen reader hears how the newest message ended, once; nothing while it is under way, and nothing at the start.
 * @param {Alert[]} told
 */
function speak(told) {
  const settled = told.filter((alert) => ["sent", "failed"].includes(alert.state));
  const sign = settled.map((alert) => `${alert.kind} ${alert.state} ${alert.at}`).join();
  const newest = settled.reduce((/** @type {Alert | null} */ last, alert) => (last && last.at > alert.at ? last : alert), null);
  if (sign !== spoken && isStarted && newest) setText(byId("sent-spoken"), `${kindText(newest)}: ${outcome(newest)}`);
  spoken = sign;
  isStarted = true;
}

let isStarted = false;
