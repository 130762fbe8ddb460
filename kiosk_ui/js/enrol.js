/** Makes this browser a kiosk or a board of an office, by a one-time code in the address's fragment. */

import { insist, Problem, problemText } from "./shared/api.js";
import { byId, show } from "./shared/dom.js";
import { say, startPage } from "./shared/page.js";
import { t } from "./shared/texts.js";

const code = decodeURIComponent(location.hash.slice(1));

async function start() {
  await startPage();
  show(byId("enrol-none"), code === "");
  show(byId("enrol-note"), code !== "");
  show(byId("enrol-button"), code !== "");
  byId("enrol-button").addEventListener("click", () => void enrol());
  addEventListener("hashchange", () => location.reload());
}

async function enrol() {
  const button = /** @type {HTMLButtonElement} */ (byId("enrol-button"));
  button.disabled = true;
  try {
    const { kind, office } = await insist("POST", "/api/v1/devices", { body: { code } });
    location.replace(`/${kind === "board" ? "board" : "kiosk"}/${encodeURIComponent(office)}`);
  } catch (error) {
    const isSpent = error instanceof Problem && error.code === "wrong_code";
    say(isSpent ? t("enrol.spent") : problemText(error), "error");
    button.disabled = false;
  }
}

void start();
