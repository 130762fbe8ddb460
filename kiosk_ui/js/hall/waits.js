/** How waits and visits stand against what is wanted or usual. Pure. */

/** From this part of the target on it is near. */
const NEAR = 0.8;
/** A visit is long when it takes twice the usual time, and five minutes more than it. */
const LONG_TIMES = 2;
const LONG_MORE_SECONDS = 300;

/**
 * @param {number | null | undefined} longest seconds
 * @param {number | null | undefined} target seconds
 * @returns {"none" | "free" | "good" | "near" | "over"}
 */
export function againstTarget(longest, target) {
  if (target === null || target === undefined) return "none";
  if (longest === null || longest === undefined) return "free";
  if (longest > target) return "over";
  return longest >= target * NEAR ? "near" : "good";
}

/**
 * @param {number | null} seconds
 * @param {number | null | undefined} usual seconds
 */
export function isLongVisit(seconds, usual) {
  if (seconds === null || !usual) return false;
  return seconds > Math.max(usual * LONG_TIMES, usual + LONG_MORE_SECONDS);
}

/**
 * The middle of some numbers; null when there are none.
 * @param {readonly number[]} numbers
 */
export function median(numbers) {
  if (numbers.length === 0) return null;
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
