/** Arrows move the focus to the nearest button in their direction. */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** What lies in the same row or column goes before all that lies aside. */
const ASIDE = 10_000;

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
  const here = from.getBoundingClientRect();
  /** @type {HTMLElement | undefined} */
  let best;
  let least = Infinity;
  for (const each of all) {
    const there = each.getBoundingClientRect();
    const [dx, dy] = [middle(there).x - middle(here).x, middle(there).y - middle(here).y];
    const along = dx * x + dy * y;
    const gap = x ? apart(here.top, here.bottom, there.top, there.bottom) : apart(here.left, here.right, there.left, there.right);
    if (each === from || along < 4) continue;
    const cost = along + (gap > 0 ? ASIDE + gap * 3 : 0) + (Math.abs(dx * y) + Math.abs(dy * x)) / 10;
    if (cost < least) [best, least] = [each, cost];
  }
  return best;
}

/**
 * How far two stretches are from each other; 0 where they overlap.
 * @param {number} from
 * @param {number} until
 * @param {number} otherFrom
 * @param {number} otherUntil
 */
const apart = (from, until, otherFrom, otherUntil) => Math.max(0, otherFrom - until, from - otherUntil);

/** @param {DOMRect} box */
const middle = (box) => ({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
