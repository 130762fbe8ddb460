/** The visitor at the counter, as a clerk needs to know them before the first word. */

import { byId, el, setText, show } from "../shared/dom.js";
import { clockTime, counterName } from "../shared/format.js";
import { hasText, language, t } from "../shared/texts.js";
import { current, mine, reasonName, serviceName } from "./desk.js";

/** @typedef {import("../shared/types.js").QueueTicket} QueueTicket */

export function drawCurrent() {
  const ticket = current();
  const state = ticket?.state ?? "";
  setText(byId("counter-name"), counterName(mine()?.label ?? ""));
  byId("now").dataset.state = state;
  byId("current").classList.toggle("now-empty", !ticket);
  setText(byId("current-number"), ticket?.number ?? t("counter.empty"));
  for (const id of ["current-state", "current-service", "current-facts"]) show(byId(id), ticket !== undefined);
  drawLanguage(ticket);
  drawReason(ticket);
  if (!ticket) return;
  byId("current-state").className = state === "called" ? "tag tag-call" : "tag tag-serving";
  setText(byId("current-state"), t(`state.${state}`));
  setText(byId("current-service"), serviceName(ticket.service));
  setText(byId("current-facts"), factsOf(ticket));
}

/** A language other than Japanese is said large, so that the clerk can prepare. @param {QueueTicket | undefined} ticket */
function drawLanguage(ticket) {
  const isForeign = ticket !== undefined && ticket.language !== "ja";
  show(byId("current-language"), isForeign);
  if (ticket && isForeign) setText(byId("current-language"), t("counter.language", { language: languageName(ticket.language) }));
}

/** Why the ticket was held or sent here, and where it came from. @param {QueueTicket | undefined} ticket */
function drawReason(ticket) {
  const from = ticket?.transferred_from && ticket.transferred_from !== ticket.service ? t("counter.from", { service: serviceName(ticket.transferred_from) }) : "";
  const reason = reasonName(ticket?.reason);
  const text = [from, reason ? t("counter.reason", { reason }) : ""].filter(Boolean).join(t("list_separator"));
  show(byId("current-reason"), text !== "");
  setText(byId("current-reason"), text);
}

/** @param {QueueTicket} ticket */
function factsOf(ticket) {
  return [
    waitedOf(ticket),
    t("counter.issued", { time: clockTime(ticket.issued_at) }),
    t("counter.calls", { count: ticket.call_count }),
    channelName(ticket.channel),
  ].filter(Boolean).join(t("list_separator"));
}

/** From the issue, or from the arrival of a web ticket, to the call. @param {QueueTicket} ticket */
function waitedOf(ticket) {
  if (!ticket.called_at) return "";
  const seconds = (Date.parse(ticket.first_called_at ?? ticket.called_at) - Date.parse(ticket.arrived_at ?? ticket.issued_at)) / 1000;
  return t("counter.waited", { minutes: Math.max(0, Math.floor(seconds / 60)) });
}

/** @param {string} channel */
export const channelName = (channel) => (hasText(`channel.${channel}`) ? t(`channel.${channel}`) : "");

/** @param {string} code */
export const languageName = (code) => (hasText(`language.${code}`) ? t(`language.${code}`) : code);

/** What is said to screen readers about a language, in the page's own. */
export const languageTag = (/** @type {string} */ code) => el("span", { class: "tag tag-language", lang: language() }, languageName(code));
