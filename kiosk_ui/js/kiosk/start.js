/** The start: draws the services so that all of them are in sight, whatever the language, the size and the kind of help. */

import { byId, el, setText, show } from "../shared/dom.js";
import { say } from "../shared/page.js";
import { language, t } from "../shared/texts.js";
import { columnsFor, partOf, plansOf, sectionsOf, sizeOf } from "./arrangement.js";
import { icon } from "./icon.js";
import { mayTake, nameOf, office, serverIsAway, whyClosed } from "./office.js";
import { dropTaps, isTouching, lastTouch, onHome, onScreen, screen } from "./screens.js";
import { groupTile, serviceTile, writeGroup, writeService } from "./tile.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {import("./arrangement.js").Plan} Plan */

/** From roomy to tight; with large text it ends earlier. */
const FITS = ["0", "1", "2", "3", "4"];
const LARGE_FITS = ["0", "1", "2"];
const LARGE_LOW_FITS = ["0", "1", "2", "3"];
/** Before groups need a second page, they leave out which services they hold. */
const BRIEF = "brief";

/** @type {string | null} */
let chosen = null;
let page = 0;
let pages = 1;
/** What the present layout was made for. */
let drawnFor = "";
let laterTimer = 0;
/** The touch that asked for what is drawn; all that follows from it may move under it too. */
let askedBy = -Infinity;
/** @type {(service: ServiceInfo) => void} */
let take = () => {};

/** @param {(service: ServiceInfo) => void} onTake */
export function startServices(onTake) {
  take = onTake;
  byId("to-groups").addEventListener("click", backToGroups);
  byId("page-back").addEventListener("click", () => turn(-1));
  byId("page-on").addEventListener("click", () => turn(1));
  onHome(() => {
    chosen = null;
    page = 0;
  });
  onScreen(() => drawStart(false, true));
  new ResizeObserver(() => drawStart(true)).observe(byId("services"));
  document.fonts.addEventListener("loadingdone", () => drawStart(true));
}

/** Whether there was a group to leave. */
export function backToGroups() {
  if (chosen === null) return false;
  chooseGroup(null);
  return true;
}

/**
 * @param {boolean} [isMoved] something else than the data changed
 * @param {boolean} [isAsked] by the touch that may still be on the screen
 */
export function drawStart(isMoved = false, isAsked = false) {
  clearTimeout(laterTimer);
  const told = office();
  setText(byId("office-name"), told?.name ?? t("brand"));
  if (screen() !== "start") {
    // Nothing can be measured while it is hidden; it is laid out when it is shown again.
    drawnFor = "";
    return;
  }
  if (isAsked) askedBy = lastTouch();
  // Nothing else moves under a finger.
  if (isTouching() && askedBy !== lastTouch()) {
    laterTimer = window.setTimeout(() => drawStart(isMoved), 100);
    return;
  }
  writeHeading();
  show(byId("closed"), told !== null && !told.services.some(mayTake));
  show(byId("to-arrival"), told?.arrival?.includes("kiosk") ?? false);
  byId("to-arrival").toggleAttribute("disabled", serverIsAway());
  if (!told) return;
  const sections = sectionsOf(told.services, told.kiosk?.groups ?? [], t("kiosk.other"));
  if (chosen !== null && !sections.some((section) => section.id === chosen)) chosen = null;
  const sign = JSON.stringify([language(), chosen, page, sections.map((each) => [each.id, each.name, each.services.map((one) => [one.id, one.icon])])]);
  if (sign === drawnFor && !isMoved) writeAgain(told.services);
  if (sign !== drawnFor || isMoved || isOver()) arrange(plansOf(sections, chosen));
  drawnFor = sign;
}

/** @param {ServiceInfo[]} services */
function writeAgain(services) {
  for (const service of services) {
    const tile = byId("services").querySelector(`[data-service="${CSS.escape(service.id)}"]`);
    if (tile) writeService(tile, service);
  }
  for (const group of office()?.kiosk?.groups ?? []) {
    const tile = byId("services").querySelector(`[data-group="${CSS.escape(group.id)}"]`);
    if (tile) writeGroup(tile, group);
  }
}

/** @param {Plan[]} plans */
function arrange(plans) {
  const { kind } = byId("services").dataset;
  const focused = byId("services").contains(document.activeElement) ? document.activeElement?.getAttribute("data-testid") : null;
  show(byId("to-groups"), chosen !== null);
  show(byId("pager"), false);
  if (!plans.some((plan) => fits(plan))) inPages(plans[plans.length - 1]);
  if (kind && kind !== byId("services").dataset.kind) dropTaps();
  if (focused) /** @type {HTMLElement | null} */ (byId("services").querySelector(`[data-testid="${CSS.escape(focused)}"]`))?.focus();
}

/** @param {Plan} whole */
function inPages(whole) {
  show(byId("pager"), true);
  const count = sizeOf(whole);
  let at = 0;
  for (let share = 2; share <= count; share += 1) {
    const each = Math.ceil(count / share);
    pages = Math.ceil(count / each);
    at = Math.min(page, pages - 1);
    if (fits(partOf(whole, at * each, each))) break;
  }
  page = at;
  setText(byId("page-count"), t("kiosk.page", { page: page + 1, pages }));
  byId("page-back").toggleAttribute("disabled", page === 0);
  byId("page-on").toggleAttribute("disabled", page === pages - 1);
}

/** @param {number} step */
function turn(step) {
  page = Math.max(0, Math.min(pages - 1, page + step));
  drawStart(true, true);
  dropTaps();
}

/** Draws a plan as roomy as it fits. @param {Plan} plan */
function fits(plan) {
  const place = byId("services");
  const { letters, reach } = document.documentElement.dataset;
  const steps = letters !== "large" ? FITS : reach === "low" ? LARGE_LOW_FITS : LARGE_FITS;
  place.replaceChildren(...(plan.kind === "groups" ? [tiles(plan.groups.map(drawGroup))] : plan.sections.map(drawSection)));
  place.dataset.kind = plan.kind;
  place.dataset.sections = String(Math.max(1, plan.sections.length));
  writeHeading();
  number();
  for (const fit of plan.kind === "groups" ? [...steps.slice(0, 4), BRIEF] : steps) {
    place.dataset.fit = fit;
    if (!isOver()) return true;
  }
  return false;
}

function writeHeading() {
  setText(byId("start-heading"), t(byId("services").dataset.kind === "groups" ? "kiosk.choose_group" : "kiosk.heading"));
}

function isOver() {
  const place = byId("services");
  const boxes = [place, ...place.querySelectorAll(".service, .section-head")];
  return boxes.some((box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1);
}

/** @param {Plan["sections"][number]} section */
function drawSection(section) {
  const inside = tiles(section.services.map((service) => serviceTile(service, () => choose(service.id))));
  if (!section.name) return inside;
  const id = `section-${section.id}`;
  const head = el("h2", { id, class: "section-head" }, section.icon ? icon(section.icon) : null, el("span", {}, section.name));
  const whole = el("div", { class: "section", role: "group", "aria-labelledby": id, "data-rows": inside.dataset.rows }, head, inside);
  return whole;
}

/** @param {HTMLElement[]} children */
function tiles(children) {
  const isPortrait = innerHeight > innerWidth;
  const columns = columnsFor(children.length, isPortrait);
  return el("div", { class: "tiles", "data-columns": columns, "data-rows": Math.ceil(children.length / columns) }, ...children);
}

/** @param {import("../shared/types.js").KioskGroup} group */
function drawGroup(group) {
  return groupTile(group, () => chooseGroup(group.id));
}

/** @param {string | null} id */
function chooseGroup(id) {
  chosen = id;
  page = 0;
  drawStart(false, true);
  dropTaps();
  byId("start-heading").focus();
}

/** The digits of the keyboard choose the first nine. */
function number() {
  [...byId("services").querySelectorAll(".service")].slice(0, 9).forEach((tile, index) => tile.setAttribute("data-digit", String(index + 1)));
}

/** @param {string} id */
function choose(id) {
  const service = office()?.services.find((each) => each.id === id);
  if (!service) return;
  if (serverIsAway()) say(() => t("away"));
  else if (!mayTake(service)) say(() => `${nameOf(id)}: ${whyClosed(service)}`);
  else take(service);
}
