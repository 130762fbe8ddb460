/**
 * Runs before all other modules: asks for the words and for what the page will need of the server, so that neither waits until
 * every module is there. On a slow line that is two round trips less.
 */

import { FIRST_LANGUAGE, bestLanguage, LANGUAGES } from "./languages.js";

/** @type {Map<string, Promise<Response>>} */
const started = new Map();

/** Where this version's files lie; undefined on a page without one. */
const root = /^(.*\/static\/([0-9a-f]{16})\/)js\//.exec(import.meta.url);

/** The version of the files that this page was made of. */
export const ownVersion = root?.[2];

/**
 * The address of a file beside the modules, such as an icon.
 * @param {string} name
 */
export const fileAddress = (name) => (root ? root[1] + name : `/static/${name}`);

/**
 * Where this page's words lie in a language.
 * @param {string} lang
 * @returns {string[]}
 */
export function wordsAddresses(lang) {
  const { page, texts } = document.documentElement.dataset;
  if (root && page) return [`${root[1]}texts/${page}/${lang}.json`];
  return (texts === "staff" ? [lang, `staff/${lang}`] : [lang]).map((name) => `/static/texts/${name}.json`);
}

/**
 * The answer that was asked for early; only the first who takes it gets it, for it may be old soon.
 * @param {string} address
 * @returns {Promise<Response> | undefined}
 */
export function takeEarly(address) {
  const found = started.get(address);
  started.delete(address);
  return found;
}

/**
 * @param {string} address
 * @param {RequestInit} [options]
 */
function ask(address, options) {
  const answer = fetch(address, options);
  answer.catch(() => undefined);
  started.set(address, answer);
  return answer;
}

/**
 * @param {string} path
 * @param {string} [secret]
 */
const askApi = (path, secret) =>
  ask(path, { headers: { Accept: "application/json", ...(secret && { Authorization: `Bearer ${secret}` }) }, cache: "no-store", signal: AbortSignal.timeout(10_000) });

/**
 * What follows from an answer, without taking it away from the page.
 * @param {Promise<Response>} answer
 * @param {(body: any) => void} use
 */
function after(answer, use) {
  void answer.then((each) => (each.ok ? each.clone().json() : null)).then((body) => body && use(body)).catch(() => undefined);
}

/** As the page itself will choose it. */
function likelyLanguage() {
  const { languages } = document.documentElement.dataset;
  const isShared = /^\/(kiosk|board)\//.test(location.pathname);
  const offered = languages?.split(" ") ?? LANGUAGES;
  return (isShared ? undefined : bestLanguage([remembered(), ...navigator.languages], offered)) ?? FIRST_LANGUAGE;
}

function remembered() {
  try {
    return localStorage.getItem("junban.language") ?? "";
  } catch {
    return "";
  }
}

function start() {
  const lang = likelyLanguage();
  const [, page, id] = location.pathname.split("/");
  for (const address of wordsAddresses(lang)) ask(address);
  if (["counter", "hall"].includes(page)) askApi("/api/v1/session");
  if (["counter", "hall", "kiosk"].includes(page)) askApi(`/api/v1/offices/${id}?language=${lang}`);
  // A board speaks two languages.
  if (page === "board") for (const address of wordsAddresses("en")) ask(address);
  if (location.pathname === "/t") {
    after(askApi("/api/v1/ticket", decodeURIComponent(location.hash.slice(1))), ({ office }) => askApi(`/api/v1/offices/${office}?language=${lang}`));
  }
  if (location.pathname === "/") {
    askApi("/api/v1/ticket");
    const chosen = new URLSearchParams(location.search).get("office");
    const offices = askApi(`/api/v1/offices?language=${lang}`);
    if (chosen) askApi(`/api/v1/offices/${encodeURIComponent(chosen)}?language=${lang}`);
    else after(offices, ({ offices: [first, second] }) => first && !second && askApi(`/api/v1/offices/${first.id}?language=${lang}`));
  }
}

if (root) start();
