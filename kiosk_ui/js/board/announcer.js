/** Calls are announced one after the other, each once, by their seq. */

import { freshCalls, highestSeq, isOver } from "../shared/hall.js";

/** @typedef {import("../shared/types.js").Call} Call */
/** @typedef {import("../shared/types.js").Hall} Hall */

const KEPT = "junban.announced";
/** Many more than can wait in a hall; a board that was asleep does not speak for an hour. */
export const MOST_WAITING = 60;

export class Announcer {
  /**
   * @param {string} office
   * @param {(call: Call, waiting: readonly Call[]) => Promise<void>} announce resolves when the call was shown and heard
   * @param {() => void} onIdle after the last one
   */
  constructor(office, announce, onIdle) {
    this.office = office;
    this.announce = announce;
    this.onIdle = onIdle;
    /** @type {Call[]} */
    this.waiting = [];
    /** @type {Call | null} */
    this.current = null;
    /** The last call that was taken up; null before the first snapshot. @type {number | null} */
    this.taken = null;
  }

  /**
   * What a board that has just been opened finds is old; after a reload it goes on where it was.
   * @param {Hall} hall
   * @param {boolean} isSnapshot
   */
  hear(hall, isSnapshot) {
    const calls = hall.calls ?? [];
    if (this.taken === null) this.taken = remembered(this.office, hall.seq) ?? highestSeq(calls, hall.seq);
    // The journal went back: another data directory or a restored backup.
    else if (isSnapshot && hall.seq < this.taken) this.taken = hall.seq;
    const fresh = freshCalls(calls, this.taken);
    this.taken = highestSeq(fresh, this.taken);
    const wanted = [...this.waiting, ...fresh];
    this.waiting.splice(0, this.waiting.length, ...wanted.filter((call) => !isOver(call, hall, wanted)).slice(-MOST_WAITING));
    if (!this.current && this.waiting.length) void this.run();
  }

  async run() {
    for (let call = this.waiting.shift(); call; call = this.waiting.shift()) {
      this.current = call;
      try {
        await this.announce(call, this.waiting);
      } catch (error) {
        console.error(error);
      }
      remember(this.office, call.seq);
    }
    this.current = null;
    this.onIdle();
  }
}

/**
 * @param {string} office
 * @param {number} seq of the hall; what is remembered from beyond it is of another journal
 * @returns {number | null}
 */
function remembered(office, seq) {
  try {
    const [where, last] = (sessionStorage.getItem(KEPT) ?? "").split(" ");
    return where === office && Number(last) > 0 && Number(last) <= seq ? Number(last) : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} office
 * @param {number} seq
 */
function remember(office, seq) {
  try {
    sessionStorage.setItem(KEPT, `${office} ${seq}`);
  } catch {
    // A browser that keeps nothing starts afresh after a reload.
  }
}
