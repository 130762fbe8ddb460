/** Where to begin with the demonstration: every page of every office, and who may sign in. */

import { insist, problemText, request } from "/static/js/shared/api.js";
import { byId, el, setText } from "/static/js/shared/dom.js";
import { say } from "/static/js/shared/page.js";
import { language } from "/static/js/shared/texts.js";
import { startDemoPage, w } from "./words.js";

/** @typedef {{ id: string, names: Record<string, string> }} Office */
/** @typedef {{ name: string, roles: string[], offices: string[] }} Account */
/** @typedef {{ offices: Office[], accounts: Account[], password: string }} About */

const PAGES = ["board", "counter", "hall"];
const KINDS = ["kiosk", "board"];

/** @type {About} */
let about = { offices: [], accounts: [], password: "" };

async function start() {
  about = await insist("GET", "/demo/about.json", { patience: 60000 });
  await startDemoPage(draw);
}

function draw() {
  byId("offices").replaceChildren(...about.offices.map(officeCard));
  setText(byId("password"), about.password);
  byId("accounts").replaceChildren(...about.accounts.map(accountRow));
}

/** @param {Office} office */
function officeCard(office) {
  const heading = `office-${office.id}`;
  return el("section", { class: "card", "aria-labelledby": heading },
    el("h2", { id: heading }, nameOf(office)),
    el("ul", { class: "plain links" }, ...PAGES.map((page) => el("li", {},
      el("a", { href: `/${page}/${encodeURIComponent(office.id)}`, "data-testid": `${page}-${office.id}` }, w(`page.${page}`)),
      el("span", { class: "soft small" }, w(`page.${page}.note`))))),
    el("p", { class: "small" }, w("enrol.note")),
    el("div", { class: "buttons" }, ...KINDS.map((kind) =>
      el("button", { type: "button", class: "button", "data-testid": `enrol-${kind}-${office.id}`, onclick: () => void enrol(office, kind) },
        w(`enrol.${kind}`)))));
}

/** @param {Account} account */
function accountRow(account) {
  const offices = account.offices.map((id) => about.offices.find((one) => one.id === id));
  const places = offices.map((office) => (office ? nameOf(office) : w("every_office")));
  return el("tr", {},
    el("th", { scope: "row" }, account.name),
    el("td", {}, account.roles.map((role) => w(`role.${role}`)).join(w("and"))),
    el("td", {}, places.join(w("and"))));
}

/** @param {Office} office */
const nameOf = (office) => office.names[language()] ?? Object.values(office.names)[0] ?? office.id;

/**
 * @param {Office} office
 * @param {string} kind
 */
async function enrol(office, kind) {
  try {
    const { code } = await request("POST", "/demo/invite", { body: { office: office.id, kind } });
    location.assign(`/enrol#${code}`);
  } catch (error) {
    say(problemText(error), "error");
  }
}

void start();
