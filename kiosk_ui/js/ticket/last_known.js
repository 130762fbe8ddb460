/**
 * What the page knew last, for whoever opens it again without a connection: the number, the place and since when.
 * Never the secret, a contact, a message or the service. The record is found by a digest of the secret, from which nothing
 * can be got back; it goes when the ticket has ended, and at the next opening after its day.
 */

/** @typedef {import("../shared/types.js").Ticket} Ticket */
/** @typedef {import("../shared/types.js").OfficeInfo} OfficeInfo */
/**
 * @typedef {object} Known
 * @property {number} at milliseconds, by the server's clock
 * @property {string} number
 * @property {string} state
 * @property {number | null} ahead
 * @property {number | null} wait_low
 * @property {number | null} wait_high
 * @property {string} counter its name, while the ticket is called
 * @property {string} office its name
 * @property {string} [zone]
 */

const KNOWN = "junban.known.";
/** The ticket that the browser's cookie opens: the one that was shown last. */
const OWN = "own";
const KEPT_MS = 20 * 3_600_000;

/**
 * @param {string} secret "" is the cookie's ticket
 * @param {Known} known
 */
export async function keep(secret, known) {
  const names = new Set([OWN, await nameOf(secret)]);
  names.delete("");
  for (const name of names) attempt(() => localStorage.setItem(KNOWN + name, JSON.stringify(known)));
}

/**
 * @param {string} secret
 * @param {number} now
 * @returns {Promise<Known | null>}
 */
export async function recall(secret, now) {
  const name = await nameOf(secret);
  let found = null;
  attempt(() => {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(KNOWN))) {
      const known = JSON.parse(localStorage.getItem(key) ?? "null");
      if (!known || now - known.at > KEPT_MS) localStorage.removeItem(key);
      else if (key === KNOWN + name) found = known;
    }
  });
  return found;
}

/** @param {string} secret */
export async function forget(secret) {
  const names = [OWN, await nameOf(secret)];
  for (const name of names) attempt(() => localStorage.removeItem(KNOWN + name));
}

/**
 * Where the browser cannot make a digest, nothing is kept under a secret.
 * @param {string} secret
 */
async function nameOf(secret) {
  if (!secret || !globalThis.crypto?.subtle) return secret ? "" : OWN;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
  return [...new Uint8Array(digest)].slice(0, 16).map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {() => void} use */
function attempt(use) {
  try {
    use();
  } catch {
    // A browser that keeps nothing shows nothing while it is offline.
  }
}
