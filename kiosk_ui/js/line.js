/**
 * Links the LINE account in which this page is open to the ticket whose code is in its address.
 * The only page that loads a script from another host: LINE's own, which says who is there.
 */

import { Problem, insist, problemText, sleep } from "./shared/api.js";
import { byId, el, show } from "./shared/dom.js";
import { say, startPage } from "./shared/page.js";
import { hasText, t } from "./shared/texts.js";

/**
 * LINE's script, as far as it is used.
 * @typedef {object} Liff
 * @property {(settings: { liffId: string }) => Promise<void>} init
 * @property {() => boolean} isLoggedIn
 * @property {(settings: { redirectUri: string }) => void} login
 * @property {() => void} logout
 * @property {() => boolean} isInClient
 * @property {() => string | null} getIDToken
 */

/** Milliseconds that LINE may take to answer its own script. */
const PATIENCE = 20000;
const PATH = "/api/v1/line/liff";
const PARTS = ["line-wait", "line-none", "line-ask", "line-done"];

/** @type {Liff} */
let liff;
let code = "";

async function start() {
  await startPage();
  try {
    const settings = await insist("GET", PATH);
    byId("line-friend").setAttribute("href", `https://line.me/R/ti/p/${encodeURIComponent(settings.account)}`);
    liff = await loadLiff(settings.sdk_url);
    await within(liff.init({ liffId: settings.liff_id }));
  } catch (error) {
    fail(error instanceof Problem ? problemText(error) : t("line.problem.line_unreachable"));
    return;
  }
  // Not before init is done: LINE's script puts the address back together and minds if it is changed.
  code = new URLSearchParams(location.search).get("link") ?? "";
  if (code === "") only("line-none");
  else if (!liff.isLoggedIn()) signIn();
  else ask();
}

/** From a browser outside LINE: signs in there and comes back with the same code. */
function signIn() {
  liff.login({ redirectUri: `${location.origin}${location.pathname}?${new URLSearchParams({ link: code })}` });
}

function ask() {
  history.replaceState(null, "", location.pathname);
  byId("line-button").addEventListener("click", () => void link());
  only("line-ask");
}

async function link() {
  const button = /** @type {HTMLButtonElement} */ (byId("line-button"));
  button.disabled = true;
  say("");
  try {
    await insist("POST", PATH, { body: { code, id_token: liff.getIDToken() ?? "" }, timeout: PATIENCE });
    only("line-done");
  } catch (error) {
    if (isSignedOut(error)) return;
    const key = error instanceof Problem ? `line.problem.${error.code}` : "";
    fail(hasText(key) ? t(key) : problemText(error));
  } finally {
    button.disabled = false;
  }
}

/**
 * Outside LINE a sign-in may be hours old; it is renewed, and the visitor comes back to the same question.
 * @param {unknown} error
 */
function isSignedOut(error) {
  if (!(error instanceof Problem) || error.code !== "wrong_id_token" || liff.isInClient()) return false;
  liff.logout();
  signIn();
  return true;
}

/**
 * @param {string} url
 * @returns {Promise<Liff>}
 */
function loadLiff(url) {
  return within(new Promise((resolve, reject) => {
    const script = el("script", { src: url, onload: () => resolve(/** @type {any} */ (window).liff), onerror: reject });
    document.head.append(script);
  }));
}

/**
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
function within(promise) {
  return Promise.race([promise, sleep(PATIENCE).then(() => Promise.reject(new Error("late")))]);
}

/** @param {string} sentence */
function fail(sentence) {
  show(byId("line-wait"), false);
  say(sentence, "error");
}

/** @param {string} wanted */
function only(wanted) {
  for (const part of PARTS) show(byId(part), part === wanted);
}

void start();
