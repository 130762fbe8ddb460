/** Draws one chart as SVG that can be read without colour: lines differ by dashes and markers, and carry their names. */

const SPACE = "http://www.w3.org/2000/svg";
const WIDTH = 480;
const HEIGHT = 240;
const LEFT = 34;
const RIGHT = 104;
const TOP = 12;
const BOTTOM = 28;

/** @typedef {{ name: string, values: (number | null)[], look: "a" | "b" }} Series */
/**
 * @typedef {object} Chart
 * @property {string} id
 * @property {string} title
 * @property {string} description what a reader who cannot see it should know
 * @property {string[]} labels of the places on the axis
 * @property {Series[]} series
 * @property {{ value: number, name: string } | null} [target] a line across
 */

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SPACE, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * The highest mark of an axis that is easy to read, and the step between marks. Pure.
 * @param {number} highest
 * @returns {{ top: number, step: number }}
 */
export function axisFor(highest) {
  const rough = Math.max(highest, 1) / 4;
  const unit = 10 ** Math.floor(Math.log10(Math.max(rough, 1)));
  const step = Math.max(1, [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough) ?? 1);
  return { top: step * Math.ceil(Math.max(highest, 1) / step), step };
}

/** @param {Chart} chart */
export function drawChart({ id, title, description, labels, series, target = null }) {
  const numbers = [...series.flatMap((one) => one.values), target?.value ?? null].filter((one) => one !== null);
  const { top, step } = axisFor(Math.max(0, ...numbers));
  const x = (/** @type {number} */ place) => LEFT + (labels.length < 2 ? 0.5 : place / (labels.length - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-labelledby": `${id}-title ${id}-desc`, class: "chart" },
    svg("title", { id: `${id}-title` }, title),
    svg("desc", { id: `${id}-desc` }, description));
  for (let mark = 0; mark <= top; mark += step) {
    picture.append(
      svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(mark), y2: y(mark), class: mark ? "chart-grid" : "chart-axis" }),
      svg("text", { x: LEFT - 6, y: y(mark) + 4, class: "chart-mark", "text-anchor": "end" }, String(mark)));
  }
  const every = Math.max(1, Math.ceil(labels.length / 6));
  labels.forEach((label, place) => {
    if (place % every === 0) picture.append(svg("text", { x: x(place), y: HEIGHT - 8, class: "chart-mark", "text-anchor": "middle" }, label));
  });
  /** @type {{ name: string, at: number, look: string }[]} */
  const ends = series.map((one) => lineOf(picture, one, x, y));
  if (target) {
    picture.append(svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(target.value), y2: y(target.value), class: "chart-target" }));
    ends.push({ name: target.name, at: y(target.value), look: "target" });
  }
  for (const { name, at, look } of apart(ends)) picture.append(svg("text", { x: WIDTH - RIGHT + 10, y: at + 4, class: `chart-name chart-name-${look}` }, name));
  return picture;
}

/**
 * @param {Element} picture
 * @param {Series} series
 * @param {(place: number) => number} x
 * @param {(value: number) => number} y
 */
function lineOf(picture, { name, values, look }, x, y) {
  let path = "";
  let isDown = false;
  let last = y(0);
  values.forEach((value, place) => {
    if (value !== null) {
      path += `${isDown ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      last = y(value);
      picture.append(marker(x(place), last, look));
    }
    isDown = value !== null;
  });
  if (path) picture.append(svg("path", { d: path, class: `chart-line chart-line-${look}` }));
  return { name, at: last, look };
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} look
 */
function marker(x, y, look) {
  return look === "a"
    ? svg("circle", { cx: x, cy: y, r: 2.6, class: "chart-dot chart-dot-a" })
    : svg("rect", { x: x - 2.6, y: y - 2.6, width: 5.2, height: 5.2, class: "chart-dot chart-dot-b" });
}

/**
 * Names beside the lines' ends, moved so that none covers another.
 * @template {{ at: number }} T
 * @param {T[]} ends
 * @returns {T[]}
 */
function apart(ends) {
  const sorted = [...ends].sort((a, b) => a.at - b.at);
  sorted.forEach((end, place) => {
    if (place) end.at = Math.max(end.at, sorted[place - 1].at + 15);
  });
  const over = Math.max(0, (sorted.at(-1)?.at ?? 0) - (HEIGHT - BOTTOM));
  for (const end of sorted) end.at -= over;
  return sorted;
}
