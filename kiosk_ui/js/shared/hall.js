/** The live hall as a board sees it: frames folded into one state. Pure. */

/** @typedef {import("./types.js").Hall} Hall */
/** @typedef {import("./types.js").Call} Call */

/**
 * The state after a frame. A snapshot replaces everything; a change holds whole entries, merged by id.
 * @param {Hall | null} hall
 * @param {any} frame
 * @returns {Hall | null}
 */
export function afterFrame(hall, frame) {
  if (frame.type === "snapshot") return frame;
  if (!hall) return null;
  if (frame.type === "pulse") return { ...hall, now: frame.now };
  if (frame.type !== "change") return hall;
  return {
    ...hall,
    seq: frame.seq,
    now: frame.now ?? hall.now,
    services: mergeById(hall.services, frame.services),
    counters: mergeById(hall.counters, frame.counters),
    absent: "absent" in frame ? frame.absent : hall.absent,
    notice: "notice" in frame ? frame.notice : hall.notice,
    calls: frame.calls ?? [],
  };
}

/**
 * Whether a picture is of before what is known. After a restored backup the seq is lower, but the time is not.
 * @param {{ seq: number, now: string }} picture
 * @param {Hall | null} hall
 */
export const isBefore = (picture, hall) => hall !== null && picture.seq <= hall.seq && picture.now < hall.now;

/**
 * Whether nobody need go to where a call says: the visitor waits again (the call was taken back, or another service comes
 * next), or was called to another counter since.
 * @param {Call} call
 * @param {Hall} hall
 * @param {readonly Call[]} calls
 */
export function isOver(call, hall, calls) {
  if (hall.services.some((service) => service.waiting.includes(call.number))) return true;
  return calls.some((later) => later.seq > call.seq && later.number === call.number && later.counter !== call.counter);
}

/**
 * The calls that were not announced yet, oldest first.
 * @param {readonly Call[]} calls
 * @param {number} lastSeq
 * @returns {Call[]}
 */
export function freshCalls(calls, lastSeq) {
  return calls.filter((call) => call.seq > lastSeq).sort((a, b) => a.seq - b.seq);
}

/**
 * @param {readonly Call[]} calls
 * @param {number} floor
 */
export const highestSeq = (calls, floor) => calls.reduce((top, call) => Math.max(top, call.seq), floor);

/**
 * @template {{ id: string }} T
 * @param {T[]} entries
 * @param {T[] | undefined} changed
 * @returns {T[]}
 */
function mergeById(entries, changed) {
  if (!changed?.length) return entries;
  const byId = new Map(changed.map((entry) => [entry.id, entry]));
  const known = new Set(entries.map((entry) => entry.id));
  return [...entries.map((entry) => byId.get(entry.id) ?? entry), ...changed.filter((entry) => !known.has(entry.id))];
}
