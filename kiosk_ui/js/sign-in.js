/** Staff sign in here and choose where to work. */

import { insist, problemText, request } from "./shared/api.js";
import { byId, el, setText, show } from "./shared/dom.js";
import { say, startPage } from "./shared/page.js";
import { language, onLanguage, t } from "./shared/texts.js";

/** @typedef {import("./shared/types.js").Session} Session */

const PAGES = [
  { page: "counter", role: "clerk" },
  { page: "hall", role: "supervisor" },
];

/** @type {Session | null} */
let session = null;

async function start() {
  await startPage();
  byId("sign-in").addEventListener("submit", signIn);
  byId("sign-out").addEventListener("click", () => void signOut());
  onLanguage(() => void drawPlaces());
  try {
    session = await request("GET", "/api/v1/session");
  } catch {
    session = null;
  }
  await goOn(false);
}

/** Only a path of this host: one slash, then anything but a second slash or a backslash. */
function nextPath() {
  const next = new URLSearchParams(location.search).get("next") ?? "";
  return /^\/(?![/\\])[^\\\s]*$/.test(next) ? next : null;
}

/** @param {boolean} isFresh just signed in */
async function goOn(isFresh) {
  const next = nextPath();
  if (session && next && isFresh) return location.assign(next);
  show(byId("sign-in"), session === null);
  show(byId("places"), session !== null);
  if (!session) byId("name").focus();
  await drawPlaces();
}

async function drawPlaces() {
  if (!session) return;
  const { name, roles, offices } = session;
  setText(byId("places-heading"), t("sign_in.welcome", { name }));
  const known = await request("GET", `/api/v1/offices?language=${language()}`).catch(() => ({ offices: [] }));
  const allowed = known.offices.filter((/** @type {{ id: string }} */ one) => offices.length === 0 || offices.includes(one.id) || offices.includes("*"));
  byId("place-list").replaceChildren(
    ...allowed.flatMap((/** @type {{ id: string, name: string }} */ office) =>
      PAGES.filter(({ role }) => roles.includes(role)).map(({ page }) =>
        el("li", {}, el("a", { class: "button", href: `/${page}/${encodeURIComponent(office.id)}`, "data-testid": `${page}-${office.id}` },
          `${office.name} ${t(`sign_in.page.${page}`)}`)))),
  );
}

/** @param {SubmitEvent} event */
async function signIn(event) {
  event.preventDefault();
  const name = /** @type {HTMLInputElement} */ (byId("name"));
  const password = /** @type {HTMLInputElement} */ (byId("password"));
  const button = /** @type {HTMLButtonElement} */ (byId("sign-in-button"));
  button.disabled = true;
  say("");
  try {
    session = await insist("POST", "/api/v1/session", { body: { name: name.value.trim(), password: password.value }, timeout: 20000 });
    password.value = "";
    await goOn(true);
  } catch (error) {
    say(() => problemText(error), "error");
    password.select();
  } finally {
    button.disabled = false;
  }
}

async function signOut() {
  try {
    await request("DELETE", "/api/v1/session");
    session = null;
    await goOn(false);
  } catch (error) {
    say(() => problemText(error), "error");
  }
}

void start();
