/** What the console has to say: a sentence stands until a press is answered that was made after it, or until what it is about is over. */

import { say } from "../shared/page.js";
import { pending } from "./presses.js";

/** @typedef {() => string} Text in the language of now */
/** @typedef {{ text: Text, kind: "info" | "error", before: string[] }} Note `before`: the presses that were on their way already */

/** More are not read. */
const MOST = 4;

/** @type {Note[]} */
let notes = [];
/** @type {Map<string, Text>} */
const troubles = new Map();

/**
 * @param {Text} text
 * @param {"info" | "error"} [kind]
 */
export function tell(text, kind = "error") {
  const others = notes.filter((note) => note.kind === "error" && note.text() !== text());
  notes = [...others, { text, kind, before: pending().map((press) => press.key) }].slice(-MOST);
  draw();
}

/**
 * A press was answered: what was said before it was made is settled.
 * @param {string} key
 */
export function settle(key) {
  const left = notes.filter((note) => note.before.includes(key));
  if (left.length === notes.length) return;
  notes = left;
  draw();
}

export function hush() {
  notes = [];
  draw();
}

/**
 * Says what stands in the way of something for as long as it does.
 * @param {string} what
 * @param {Text | null} text null: nothing any more
 */
export function trouble(what, text) {
  if (text ? troubles.get(what)?.() === text() : !troubles.has(what)) return;
  if (text) troubles.set(what, text);
  else troubles.delete(what);
  draw();
}

function draw() {
  const texts = [...troubles.values(), ...notes.map((note) => note.text)];
  const isError = troubles.size > 0 || notes.some((note) => note.kind === "error");
  say(() => texts.map((text) => text()).join(" "), isError ? "error" : "info");
}
