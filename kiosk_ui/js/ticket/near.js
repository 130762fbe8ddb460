/** "Your turn is near": a quieter sign than the call, given once for a service. */

import { byId, setText, show } from "../shared/dom.js";
import { t } from "../shared/texts.js";
import { sign } from "./signs.js";

/** @typedef {import("../shared/types.js").Ticket} Ticket */

/** The service for which the sign was given. */
let toldFor = "";

/**
 * @param {Ticket} ticket
 * @param {boolean} isNear
 */
export function drawNear(ticket, isNear) {
  show(byId("near"), isNear);
  if (!isNear) return;
  const heading = t("near.heading");
  const todo = t(ticket.state === "expected" ? "near.do_expected" : "near.do_waiting");
  setText(byId("near-words"), heading);
  setText(byId("near-do"), todo);
  if (toldFor === ticket.service) return;
  toldFor = ticket.service;
  sign({ title: heading, body: todo, isUrgent: false });
}

/**
 * The visitor chose another threshold: a turn that is not near by it will be told again; one that is, was just seen.
 * @param {Ticket} ticket
 * @param {boolean} isNear
 */
export function judgeNearAnew(ticket, isNear) {
  toldFor = isNear ? ticket.service : "";
}
