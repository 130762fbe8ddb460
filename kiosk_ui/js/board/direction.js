/** The way from the board to a counter. */

/** @type {Record<string, string>} */
const ARROWS = {
  left: "←", right: "→", up: "↑", down: "↓", "up-left": "↖", "up-right": "↗", "down-left": "↙", "down-right": "↘",
};

/**
 * @param {string | undefined} direction
 * @returns {string} empty when the office names none
 */
export const arrow = (direction) => ARROWS[direction ?? ""] ?? "";
