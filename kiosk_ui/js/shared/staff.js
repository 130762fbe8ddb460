/** What the staff pages share: who is signed in, whether the server is heard, verbs with one key per press. */

import { insist, newKey, Problem, problemText, request } from "./api.js";
import { byId, setText, show } from "./dom.js";
import { clockTime } from "./format.js";
import { officeId, say } from "./page.js";
import { onLanguage, t } from "./texts.js";

/** @typedef {import("./types.js").Session} Session */

/** Leads to the sign-in page and back. */
export function toSignIn() {
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
}

/**
 * The session of the person at this browser; without one the sign-in page comes.
 * @param {{ page: string, label: string, role: string }} other the other staff page of the office, linked if the role allows
 * @returns {Promise<Session>}
 */
export async function startStaff(other) {
  /** @type {Session} */
  let session;
  try {
    session = await insist("GET", "/api/v1/session", { patience: Infinity, onAway: () => drawLink("off", null) });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) toSignIn();
    else say(() => problemText(error), "error");
    return new Promise(() => undefined);
  }
  byId("sign-out").addEventListener("click", signOut);
  const link = /** @type {HTMLAnchorElement} */ (byId("other-page"));
  link.href = `/${other.page}/${encodeURIComponent(officeId())}`;
  show(link, session.roles.includes(other.role));
  const words = () => {
    setText(link, t(other.label));
    setText(byId("staff-name"), t("staff.name", { name: session.name }));
  };
  onLanguage(words);
  words();
  return session;
}

/**
 * Says in words and shape whether what is shown is live.
 * @param {"on" | "polling" | "off"} how
 * @param {number | null} heardAt milliseconds
 */
export function drawLink(how, heardAt) {
  const place = byId("link-state");
  place.classList.toggle("is-off", how === "off");
  const off = () => (heardAt === null ? t("staff.offline") : t("staff.offline_since", { time: clockTime(heardAt) }));
  setText(place, how === "on" ? t("staff.online") : how === "polling" ? t("staff.polling") : off());
}

let isBusy = false;

/**
 * One press is one command: further presses are refused until it is answered, retries carry the same key.
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @returns {Promise<{ done: boolean, problem: string }>} what to say if it was not done
 */
export async function command(method, path, body) {
  if (isBusy) return { done: false, problem: t("staff.busy") };
  isBusy = true;
  document.body.setAttribute("aria-busy", "true");
  try {
    await insist(method, path, { body, key: newKey(), onAway: () => say(t("staff.trying"), "error") });
    say("");
    return { done: true, problem: "" };
  } catch (error) {
    if (error instanceof Problem && error.status === 401) toSignIn();
    say(() => problemText(error), "error");
    return { done: false, problem: problemText(error) };
  } finally {
    isBusy = false;
    document.body.removeAttribute("aria-busy");
  }
}

async function signOut() {
  try {
    await request("DELETE", "/api/v1/session");
    location.assign("/sign-in");
  } catch (error) {
    say(() => problemText(error), "error");
  }
}
