/** The button of one service or one group. It stays the same element while its words change, so that no touch is lost. */

import { el, setText, syncList } from "../shared/dom.js";
import { waitRange } from "../shared/format.js";
import { t } from "../shared/texts.js";
import { icon } from "./icon.js";
import { mayTake, office, serverIsAway, whyClosed } from "./office.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {import("../shared/types.js").KioskGroup} KioskGroup */

/**
 * @param {ServiceInfo} service
 * @param {() => void} onclick
 */
export function serviceTile(service, onclick) {
  const tile = el("button", { type: "button", class: "service", "data-testid": `service-${service.id}`, "data-service": service.id, onclick },
    el("span", { class: "service-head" }, service.icon ? picture(service.icon) : null, el("span", { class: "service-name" })),
    el("span", { class: "service-facts" },
      el("span", { class: "service-wait" }, el("span", { class: "fact" }, el("span", {}), " ", el("b", {})), el("span", { class: "fact" }, el("span", {}), " ", el("b", {}))),
      el("span", { class: "service-closed" }, icon("circle-slash"), el("span", {}))));
  writeService(tile, service);
  return tile;
}

/**
 * @param {Element} tile
 * @param {ServiceInfo} service
 */
export function writeService(tile, service) {
  const isOpen = mayTake(service);
  const [people, time] = tile.querySelectorAll(".fact");
  setText(/** @type {Element} */ (tile.querySelector(".service-name")), service.name);
  setText(people.children[0], t("kiosk.waiting"));
  setText(people.children[1], t("people.count", { count: service.waiting_count }));
  setText(time.children[0], t("kiosk.wait"));
  setText(time.children[1], waitRange(service.wait_low, service.wait_high));
  setText(/** @type {Element} */ (tile.querySelector(".service-closed span")), isOpen ? "" : whyClosed(service));
  mark(tile, isOpen);
}

/**
 * @param {KioskGroup} group
 * @param {() => void} onclick
 */
export function groupTile(group, onclick) {
  const tile = el("button", { type: "button", class: "service group-tile", "data-testid": `group-${group.id}`, "data-group": group.id, onclick },
    el("span", { class: "service-head" }, group.icon ? picture(group.icon) : null, el("span", { class: "service-name" })),
    el("span", { class: "service-facts group-services" }),
    el("span", { class: "service-facts" },
      el("span", { class: "service-wait" }, el("span", { class: "fact" }, el("span", {}), " ", el("b", {})), el("span", { class: "fact" }, el("span", {}), " ", el("b", {}))),
      el("span", { class: "service-closed" }, icon("circle-slash"), el("span", {}))));
  writeGroup(tile, group);
  return tile;
}

/**
 * @param {Element} tile
 * @param {KioskGroup} group
 */
export function writeGroup(tile, group) {
  const services = office()?.services.filter((service) => group.services.includes(service.id)) ?? [];
  setText(/** @type {Element} */ (tile.querySelector(".service-name")), group.name);
  const [people, time] = tile.querySelectorAll(".fact");
  const waiting = services.reduce((sum, service) => sum + service.waiting_count, 0);
  syncList(/** @type {Element} */ (tile.querySelector(".group-services")), services.map((service) => service.name), (name) => name, (name) => el("span", {}, name));
  setText(people.children[0], t("kiosk.waiting"));
  setText(people.children[1], t("people.count", { count: waiting }));
  setText(time.children[0], t("kiosk.wait"));
  setText(time.children[1], waitOf(services.filter(mayTake)));
  // What is in a group with nothing open can still be looked at: it says why, and when it opens.
  mark(tile, true);
  const isOpen = services.some(mayTake);
  tile.toggleAttribute("data-closed", !isOpen);
  setText(/** @type {Element} */ (tile.querySelector(".service-closed span")), isOpen ? "" : whyAllClosed(services));
}

/** What opens first says when. @param {ServiceInfo[]} services */
function whyAllClosed(services) {
  const [first] = services.filter((service) => service.opens_at).sort((one, other) => String(one.opens_at).localeCompare(String(other.opens_at)));
  return first ? whyClosed(first) : t("service.closed");
}

/** From the shortest to the longest of what can be chosen. @param {ServiceInfo[]} services */
function waitOf(services) {
  const known = services.filter((service) => service.wait_low !== null && service.wait_high !== null);
  if (!known.length) return waitRange(null, null);
  return waitRange(Math.min(...known.map((service) => Number(service.wait_low))), Math.max(...known.map((service) => Number(service.wait_high))));
}

/**
 * Buttons that give nothing now can still be reached and read.
 * @param {Element} tile
 * @param {boolean} isOpen
 */
function mark(tile, isOpen) {
  tile.toggleAttribute("data-closed", !isOpen);
  if (isOpen && !serverIsAway()) tile.removeAttribute("aria-disabled");
  else tile.setAttribute("aria-disabled", "true");
}

/** @param {string} name */
const picture = (name) => el("span", { class: "service-icon" }, icon(name));
