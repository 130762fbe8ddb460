/** Arrows move the focus to the nearest button in their direction. */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** What lies aside counts more than what lies far. */
const ASIDE = 2.5;

/**
 * @param {string} key
 * @returns {boolean} whether it was an arrow
 */
export function moveFocus(key) {
  const way = DIRECTIONS[/** @type {keyof typeof DIRECTIONS} */ (key)];
  if (!way) return false;
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("button:not(:disabled), input")]).filter((each) => each.getClientRects().length > 0 && isVisible(each));
  const from = all.find((each) => each === document.activeElement);
  const inMain = all.filter((each) => each.closest("main"));
  const next = from ? nearest(from, all, way) : inMain[0] ?? all[0];
  next?.focus();
  return true;
}

/** @param {HTMLElement} element */
const isVisible = (element) => getComputedStyle(element).visibility === "visible";

/**
 * @param {HTMLElement} from
 * @param {HTMLElement[]} all
 * @param {number[]} way
 */
function nearest(from, all, [x, y]) {
  const here = middle(from);
  /** @type {HTMLElement | undefined} */
  let best;
  let least = Infinity;
  for (const each of all) {
    const there = middle(each);
    const along = (there.x - here.x) * x + (there.y - here.y) * y;
    const aside = Math.abs((there.x - here.x) * y) + Math.abs((there.y - here.y) * x);
    if (each === from || along < 4) continue;
    const cost = along + aside * ASIDE;
    if (cost < least) [best, least] = [each, cost];
  }
  return best;
}

/** @param {HTMLElement} element */
function middle(element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
