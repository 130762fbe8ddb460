/** The help bar: lower buttons, larger text, high contrast. A choice holds for one visitor's whole visit. */

import { byId } from "../shared/dom.js";
import { onHome } from "./screens.js";
import { drawStart } from "./start.js";

/** What is marked on the page for each. */
const MARKS = { "help-low": ["reach", "low"], "help-large": ["letters", "large"], "help-contrast": ["contrast", "high"] };

export function startHelp() {
  for (const [id, [mark, value]] of Object.entries(MARKS)) {
    byId(id).addEventListener("click", () => turn(id, mark, document.documentElement.dataset[mark] === undefined ? value : undefined));
  }
  onHome(() => {
    for (const [id, [mark]] of Object.entries(MARKS)) turn(id, mark, undefined);
  });
}

/** Somebody who asked for help needs more time. */
export const isHelping = () => Object.values(MARKS).some(([mark]) => document.documentElement.dataset[mark] !== undefined);

/**
 * @param {string} id
 * @param {string} mark
 * @param {string | undefined} value
 */
function turn(id, mark, value) {
  if (document.documentElement.dataset[mark] === value) return;
  if (value === undefined) delete document.documentElement.dataset[mark];
  else document.documentElement.dataset[mark] = value;
  byId(id).setAttribute("aria-pressed", String(value !== undefined));
  drawStart(true, true);
}
