/** Pictures out of icons.svg; they take the colour of the text around them. */

import { fileAddress } from "../shared/early.js";

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name one that icons.svg has */
export function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${fileAddress("icons.svg")}#${name}`);
  picture.setAttribute("class", "icon");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.append(use);
  return picture;
}

/** Puts the pictures where the page has places for them. */
export function drawIcons() {
  for (const place of document.querySelectorAll("[data-icon]")) place.replaceChildren(icon(place.getAttribute("data-icon") ?? ""));
}

/**
 * A QR code, dark on white whatever the page's colours are, with the light border that scanners need.
 * @param {string[]} rows a 1 for each dark cell
 * @param {string} label
 */
export function qrPicture(rows, label) {
  const picture = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  const cells = rows.flatMap((row, y) => [...row].map((cell, x) => (cell === "1" ? `M${x} ${y}h1v1h-1z` : "")));
  path.setAttribute("d", cells.join(""));
  picture.setAttribute("class", "qr");
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", label);
  picture.setAttribute("viewBox", `-4 -4 ${rows.length + 8} ${rows.length + 8}`);
  picture.setAttribute("shape-rendering", "crispEdges");
  picture.append(path);
  return picture;
}
