/** The three views of the overview as tabs; the address remembers which one is seen. */

import { byId, show } from "../shared/dom.js";

const VIEWS = /** @type {const} */ (["now", "list", "charts"]);
/** @typedef {typeof VIEWS[number]} View */

/** @param {(view: View) => void} onView */
export function startViews(onView) {
  const choose = (/** @type {View} */ view, isFocused = false) => {
    for (const one of VIEWS) {
      const tab = byId(`tab-${one}`);
      tab.setAttribute("aria-selected", String(one === view));
      tab.tabIndex = one === view ? 0 : -1;
      show(byId(`view-${one}`), one === view);
    }
    if (isFocused) byId(`tab-${view}`).focus();
    history.replaceState(null, "", view === "now" ? location.pathname : `#${view}`);
    onView(view);
  };
  VIEWS.forEach((view, place) => {
    byId(`tab-${view}`).addEventListener("click", () => choose(view));
    byId(`tab-${view}`).addEventListener("keydown", (event) => {
      const to = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: VIEWS.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      choose(VIEWS[(to + VIEWS.length) % VIEWS.length], true);
    });
  });
  choose(VIEWS.find((view) => location.hash === `#${view}`) ?? "now");
}
