/** What is shown beside the calls: pictures, silent videos and texts in turn. A call stops it. */

import { Problem, request } from "../shared/api.js";
import { byId, el, show, syncList } from "../shared/dom.js";
import { officePath } from "../shared/page.js";

/** @typedef {{ id: string, kind: "image" | "video" | "text", url: string | null, text: Record<string, string>, seconds: number, weight: number }} Item */

const REFRESH_SECONDS = 60;
/** Of the page, from its opening to its end: what it says later replaces what it said before. */
const RUN = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** @type {Item[]} */
let items = [];
/** How much each item is owed; the one that is owed most comes next. @type {Map<string, number>} */
const owed = new Map();
/** Showings by day and item. @type {Map<string, Map<string, number>>} */
const shown = new Map();
let day = "";
/** @type {Item | null} */
let current = null;
/** It is seen: what was chosen while a call was shown comes after it. */
let isPut = false;
let timer = 0;
let isHeld = false;
let isRefused = false;
/** @type {() => void} */
let onChange = () => {};

/** @param {() => void} changed the place has appeared or gone */
export function startPlaylist(changed) {
  onChange = changed;
  place("video").addEventListener("ended", next);
  for (const kind of ["image", "video"]) place(kind).addEventListener("error", skip);
  void refresh();
}

/**
 * While a call is shown, nothing moves beside it.
 * @param {boolean} yes
 */
export function hold(yes) {
  if (isHeld === yes) return;
  isHeld = yes;
  const video = /** @type {HTMLVideoElement} */ (place("video"));
  if (yes) {
    clearTimeout(timer);
    video.pause();
  } else if (current && !isPut) begin(current);
  else if (current?.kind === "video") {
    void video.play().catch(() => {});
    wait(current);
  } else if (current) wait(current);
  else next();
}

async function refresh() {
  try {
    const now = await request("GET", `${officePath()}/playlist`);
    day = now.business_day;
    items = now.items;
    for (const id of owed.keys()) if (!items.some((item) => item.id === id)) owed.delete(id);
    if (!current || !items.some((item) => item.id === current?.id)) next();
    await report();
  } catch {
    // What is shown goes on; the next round asks again.
  }
  setTimeout(refresh, REFRESH_SECONDS * 1000);
}

function next() {
  clearTimeout(timer);
  current = choose();
  isPut = false;
  show(byId("playlist"), current !== null);
  onChange();
  if (current && !isHeld) begin(current);
}

/** @param {Item} item */
function begin(item) {
  isPut = true;
  put(item);
  count(item);
  wait(item);
}

/** Smooth weighted turns: by weight, and the same one not twice in a row where there are others. */
function choose() {
  const candidates = items.length > 1 ? items.filter((item) => item.id !== current?.id) : items;
  const total = candidates.reduce((sum, item) => sum + item.weight, 0);
  /** @type {Item | null} */
  let best = null;
  for (const item of candidates) {
    owed.set(item.id, (owed.get(item.id) ?? 0) + item.weight);
    if (!best || (owed.get(item.id) ?? 0) > (owed.get(best.id) ?? 0)) best = item;
  }
  if (best) owed.set(best.id, (owed.get(best.id) ?? 0) - total);
  return best;
}

/** @param {Item} item */
function wait(item) {
  clearTimeout(timer);
  timer = window.setTimeout(next, item.seconds * 1000);
}

/** A picture that cannot be loaded is neither shown nor counted. */
function skip() {
  if (!current || current.kind === "text") return;
  shown.get(day)?.set(current.id, Math.max(0, (shown.get(day)?.get(current.id) ?? 1) - 1));
  clearTimeout(timer);
  show(byId("playlist"), false);
  onChange();
  timer = window.setTimeout(next, 3000);
}

/** @param {Item} item */
function put(item) {
  for (const kind of ["image", "video", "text"]) show(place(kind), kind === item.kind);
  const video = /** @type {HTMLVideoElement} */ (place("video"));
  if (video.hasAttribute("src") && item.kind !== "video") {
    video.pause();
    video.removeAttribute("src");
    video.load();
  }
  if (item.kind === "image") /** @type {HTMLImageElement} */ (place("image")).src = item.url ?? "";
  if (item.kind === "video") {
    video.src = item.url ?? "";
    void video.play().catch(() => {});
  }
  const texts = item.kind === "text" ? Object.entries(item.text) : [];
  syncList(place("text"), texts, ([lang]) => lang, ([lang, text]) => el("span", { lang, class: lang === "ja" ? "" : "en" }, text));
}

/** @param {Item} item */
function count(item) {
  if (!day) return;
  const today = shown.get(day) ?? new Map();
  today.set(item.id, (today.get(item.id) ?? 0) + 1);
  shown.set(day, today);
  // The day before may still be told; older ones are past.
  for (const old of [...shown.keys()].sort().slice(0, -2)) shown.delete(old);
}

/** The whole count, again and again: what was said twice counts once. Only enrolled boards are believed. */
async function report() {
  if (isRefused) return;
  for (const [business_day, counts] of shown) {
    if (!counts.size) continue;
    try {
      await request("POST", `${officePath()}/plays`, { body: { business_day, run: RUN, shown: Object.fromEntries(counts) } });
    } catch (error) {
      isRefused = error instanceof Problem && error.status === 401;
      if (isRefused) return;
    }
  }
}

/** @param {string} kind */
const place = (kind) => byId(`playlist-${kind}`);
