/** Follows an office's live feed for weeks: reconnects by itself, and tells when the data has become old. */

export const STALE_SECONDS = 20;
const CONNECT_SECONDS = 8;
const LONGEST_PAUSE_SECONDS = 15;
/** A screen of the office gets a sign of life every second; without one it asks whether the office is to be had elsewhere. */
const QUIET_SECONDS = 1.9;
const REFUSED = 4401;

/**
 * @typedef {object} Status
 * @property {boolean} isConnected the socket is open
 * @property {boolean} isStale nothing was heard for STALE_SECONDS
 * @property {number | null} heardAt milliseconds, when the last data came
 */
/**
 * @typedef {object} Handlers
 * @property {(frame: any) => void} [onFrame]
 * @property {(status: Status) => void} [onStatus] on every change of the status
 * @property {() => void} [onRefused] the secret is not accepted; following has ended
 * @property {string} [ticket] the first message's secret; "" means the browser's cookie
 * @property {() => Promise<void>} [poll] asked every `pollSeconds` while there is no socket, and by a screen of the office
 *   when the socket is silent; resolves when data came
 * @property {number} [pollSeconds]
 */

let lastTime = Date.now();
let elapsed = 0;

/**
 * Milliseconds that never run backwards, and go on while the device sleeps (which `performance.now()` does not everywhere).
 * A clock that is set forward looks like sleep: the page then only asks once more.
 */
function steady() {
  const now = Date.now();
  elapsed += Math.max(0, now - lastTime);
  lastTime = now;
  return elapsed;
}

/**
 * @param {string} office
 * @param {Handlers} handlers
 * @returns {{ stop: () => void }}
 */
export function follow(office, handlers) {
  const { onFrame, onStatus, onRefused, ticket, poll, pollSeconds = 7 } = handlers;
  /** @type {WebSocket | null} */
  let socket = null;
  let stopped = false;
  let failures = 0;
  let retryAt = 0;
  let openedAt = 0;
  let isPolling = false;
  // All waiting is reckoned in `steady`, for a device's clock may be set while the page is open.
  let polledAt = steady();
  const startedAt = steady();
  /** @type {number | null} */
  let heardAt = null;
  /** The same by the device's clock, to be shown. @type {number | null} */
  let heardAtTime = null;
  /** When the socket said something, or was opened; and how often others answered since. */
  let spokenAt = 0;
  let answersElsewhere = 0;
  let told = "";

  const isConnected = () => socket?.readyState === WebSocket.OPEN;
  const isQuiet = () => isConnected() && ticket === undefined && steady() - spokenAt > QUIET_SECONDS * 1000;
  const isStale = () => steady() - (heardAt ?? startedAt) > STALE_SECONDS * 1000;

  function tell() {
    const status = { isConnected: isConnected(), isStale: isStale(), heardAt: heardAtTime };
    const sign = `${status.isConnected} ${status.isStale}`;
    if (sign !== told) onStatus?.(status);
    told = sign;
  }

  function heard() {
    heardAt = steady();
    heardAtTime = Date.now();
    tell();
  }

  function connect() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const fresh = new WebSocket(`${scheme}//${location.host}/api/v1/offices/${encodeURIComponent(office)}/live`);
    socket = fresh;
    openedAt = steady();
    fresh.onopen = () => {
      openedAt = spokenAt = steady();
      if (ticket !== undefined) fresh.send(JSON.stringify({ ticket }));
      tell();
    };
    fresh.onmessage = (message) => {
      if (socket !== fresh) return;
      failures = 0;
      spokenAt = steady();
      answersElsewhere = 0;
      const frame = JSON.parse(message.data);
      heard();
      onFrame?.(frame);
    };
    fresh.onclose = (event) => {
      if (socket === fresh) closed(event.code);
    };
  }

  /** @param {number} code */
  function closed(code) {
    socket = null;
    if (code === REFUSED) {
      stop();
      onRefused?.();
      return;
    }
    failures += 1;
    const pause = Math.min(0.5 * 2 ** (failures - 1), LONGEST_PAUSE_SECONDS);
    retryAt = steady() + pause * 1000 * (0.5 + Math.random());
    tell();
  }

  /** Gives up a socket that is silent; its close event may take minutes to come. */
  function drop() {
    const old = socket;
    closed(0);
    old?.close();
  }

  function watch() {
    if (stopped) return;
    const now = steady();
    if (!socket && now >= retryAt) connect();
    const patience = isConnected() ? STALE_SECONDS : CONNECT_SECONDS;
    if (socket && now - Math.max(openedAt, isConnected() ? (heardAt ?? 0) : 0) > patience * 1000) drop();
    if (poll && !isPolling) {
      if (isQuiet()) void askElsewhere(poll);
      else if (!isConnected() && now - polledAt > pollSeconds * 1000) void askOnce(poll);
    }
    tell();
  }

  /**
   * Its node may hang while a proxy finds another one that answers. A node that was only busy speaks before the second answer.
   * @param {() => Promise<void>} question
   */
  async function askElsewhere(question) {
    if (await askOnce(question)) answersElsewhere += 1;
    if (stopped || !socket || !isQuiet() || answersElsewhere < 2) return;
    answersElsewhere = 0;
    drop();
    hurry();
  }

  /**
   * @param {() => Promise<void>} question
   * @returns {Promise<boolean>} did data come?
   */
  async function askOnce(question) {
    isPolling = true;
    try {
      await question();
      heard();
      return true;
    } catch {
      // The next round asks again; the status says how old the data is.
      return false;
    } finally {
      isPolling = false;
      polledAt = steady();
    }
  }

  function hurry() {
    retryAt = 0;
    watch();
  }

  /** The page was asleep, or comes back as it was left: what it shows is old, whatever its socket says. */
  function wake() {
    if (stopped) return;
    if (poll && !isPolling) void askOnce(poll);
    if (socket && socket.readyState > WebSocket.OPEN) drop();
    hurry();
  }

  /** @param {PageTransitionEvent} event */
  const comeBack = (event) => event.persisted && wake();

  function stop() {
    stopped = true;
    clearInterval(timer);
    removeEventListener("online", hurry);
    removeEventListener("pageshow", comeBack);
    document.removeEventListener("resume", wake);
    document.removeEventListener("visibilitychange", hurry);
    const old = socket;
    socket = null;
    old?.close();
  }

  addEventListener("online", hurry);
  addEventListener("pageshow", comeBack);
  document.addEventListener("resume", wake);
  document.addEventListener("visibilitychange", hurry);
  const timer = setInterval(watch, 1000);
  connect();
  return { stop };
}
