/** Screens beside the start grow tighter until all of them is in sight, in every language and with every kind of help. */

import { byId } from "../shared/dom.js";
import { onScreen, screen } from "./screens.js";

const STEPS = ["0", "1", "2", "3"];

export function startTight() {
  onScreen(tighten);
  const observer = new ResizeObserver(tighten);
  for (const part of document.querySelectorAll("main, .screen:not(#start) :is(.tell, .act)")) observer.observe(part);
}

function tighten() {
  if (screen() === "start") return;
  const place = byId("main");
  for (const step of STEPS) {
    place.dataset.tight = step;
    if (isInSight(byId(screen()))) return;
  }
}

/** @param {HTMLElement} shown */
function isInSight(shown) {
  const isLow = document.documentElement.dataset.reach === "low";
  const [tell, act] = [".tell", ".act"].map((part) => /** @type {HTMLElement} */ (shown.querySelector(part)));
  const [said, done] = [tell.getBoundingClientRect(), act.getBoundingClientRect()];
  const top = isLow ? edge(".head").bottom : edge("main").top;
  const bottom = isLow ? edge(".tongues").top : edge("main").bottom;
  const isWide = [tell, act, ...tell.children].some((each) => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > innerWidth + 1);
  const isDeep = done.bottom > bottom + 1 || act.scrollHeight > act.clientHeight + 1 || said.top < top - 1;
  return !isWide && !isDeep && said.bottom <= done.top + 1;
}

/** @param {string} part */
const edge = (part) => /** @type {HTMLElement} */ (document.querySelector(part)).getBoundingClientRect();
