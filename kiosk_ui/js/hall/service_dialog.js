/** One service's switch and quota, with what visitors will see of it. */

import { byId, el, setText, show, syncList } from "../shared/dom.js";
import { say } from "../shared/page.js";
import { t } from "../shared/texts.js";
import { known, onLoad, reasonName, run } from "./state.js";

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {"kiosk" | "web" | "both"} Channels */

let shown = "";
/** Counts how often the dialog was opened. */
let opening = 0;
/** An own command is on its way: what it changes is no surprise. */
let isGiving = false;

export function startServiceDialog() {
  byId("service-back").addEventListener("click", () => dialog().close());
  byId("switch-form").addEventListener("submit", (event) => void change(event));
  byId("switch-form").addEventListener("change", () => {
    tell("");
    drawSeen();
  });
  byId("quota-form").addEventListener("submit", (event) => void setQuota(event));
  byId("quota").addEventListener("input", drawHint);
  onLoad(() => {
    if (dialog().open) draw();
  });
}

const dialog = () => /** @type {HTMLDialogElement} */ (byId("service-dialog"));
const service = () => known.office?.services.find((one) => one.id === shown);
const switches = () => known.queue?.services.find((one) => one.id === shown);
const field = () => /** @type {HTMLInputElement} */ (byId("quota"));

/** @param {string} id */
export function openService(id) {
  shown = id;
  opening += 1;
  tell("");
  const { quota = null } = switches() ?? {};
  field().value = quota === null ? "" : String(quota);
  byId("switch-choices").replaceChildren();
  draw();
  byId("switch-choices").querySelector("input")?.click();
  dialog().showModal();
}

/**
 * What can be done with a service as it stands, the most usual first.
 * @param {boolean} hasWeb
 * @param {Record<string, string | null>} closed
 * @returns {{ verb: "open" | "close", channels: Channels }[]}
 */
export function possible(hasWeb, closed) {
  const ways = /** @type {("kiosk" | "web")[]} */ (hasWeb ? ["kiosk", "web"] : ["kiosk"]);
  const choices = /** @type {{ verb: "open" | "close", channels: Channels }[]} */ ([]);
  for (const verb of /** @type {const} */ (["close", "open"])) {
    const fitting = ways.filter((way) => (verb === "open") === way in closed);
    if (fitting.length === 2) choices.push({ verb, channels: "both" });
    choices.push(...fitting.map((channels) => ({ verb, channels })));
  }
  return choices;
}

function draw() {
  const one = service();
  if (!one) return;
  setText(byId("service-heading"), one.name);
  const choices = possible(one.on_web !== false, switches()?.closed ?? {});
  const before = chosen();
  syncList(byId("switch-choices"), choices, ({ verb, channels }) => `${verb}-${channels}`, choice);
  // What is meant must not turn into something else: what can no longer be done leaves nothing chosen.
  if (before && !chosen() && !isGiving) tell(t("hall.switch_changed"));
  const reasons = [{ code: "", name: t("counter.no_reason") }, ...(known.office?.reasons ?? [])];
  syncList(byId("reason"), reasons, (each) => each.code, (each) => el("option", { value: each.code }, each.name));
  show(byId("quota-form"), one.on_web !== false);
  drawSeen();
  drawHint();
}

/** @param {{ verb: string, channels: Channels }} option */
function choice({ verb, channels }) {
  const value = `${verb}-${channels}`;
  const words = t(`hall.switch.${verb}`, { channel: t(`hall.channels.${channels}`) });
  return el("label", { class: "check" }, el("input", { type: "radio", name: "switch", value, "data-testid": `switch-${value}` }), el("span", {}, words));
}

function chosen() {
  const input = /** @type {HTMLInputElement | null} */ (byId("switch-choices").querySelector("input:checked"));
  if (!input) return null;
  const [verb, channels] = input.value.split("-");
  return { verb, channels };
}

/** What will be read at the kiosk and on the web once it is done. */
function drawSeen() {
  const option = chosen();
  const isClosing = option?.verb === "close";
  show(byId("reason-field"), isClosing);
  /** @type {HTMLButtonElement} */ (byId("switch-do")).disabled = !option;
  if (!option) return byId("switch-seen").replaceChildren();
  const code = /** @type {HTMLSelectElement} */ (byId("reason")).value;
  const lines = [];
  const text = reasonName(code || null) || t("error.service_closed");
  if (isClosing && option.channels !== "web") lines.push(t("hall.seen_kiosk", { text }));
  if (isClosing && option.channels !== "kiosk") lines.push(t("hall.seen_web", { text }));
  if (isClosing) lines.push(t("hall.seen_waiting", { count: service()?.waiting_count ?? 0 }));
  else lines.push(t("hall.seen_open"));
  byId("switch-seen").replaceChildren(...lines.map((line) => el("span", {}, line)));
}

function drawHint() {
  const { quota = null, web_issued: used = 0 } = switches() ?? {};
  const left = quota === null ? 0 : Math.max(0, quota - used);
  setText(byId("quota-now"), quota === null ? t("hall.quota_unlimited_long", { used }) : t("hall.quota_left_long", { used, quota, left }));
  const wanted = field().value;
  const isSpent = wanted !== "" && Number(wanted) <= used;
  setText(byId("quota-hint"), wanted === "" ? t("hall.quota_will_be_free") : isSpent ? t("hall.quota_will_be_spent", { used }) : t("hall.quota_will_be", { left: Number(wanted) - used }));
}

/** @param {SubmitEvent} event */
async function change(event) {
  event.preventDefault();
  const option = chosen();
  if (!option) return;
  const reason = /** @type {HTMLSelectElement} */ (byId("reason")).value;
  const body = { for: option.channels, ...(option.verb === "close" && reason && { reason }) };
  await give("POST", option.verb, body);
}

/** @param {SubmitEvent} event */
async function setQuota(event) {
  event.preventDefault();
  const quota = field().value === "" ? null : Number(field().value);
  await give("PUT", "quota", { quota });
}

/**
 * The outcome is told where it was asked for; if that was left meanwhile, above everything, by the service's name.
 * @param {string} method
 * @param {string} what
 * @param {object} body
 */
async function give(method, what, body) {
  const [asked, name] = [opening, service()?.name ?? shown];
  isGiving = true;
  const { done, problem } = await run(method, `services/${encodeURIComponent(shown)}/${what}`, body);
  isGiving = false;
  const isHere = asked === opening && dialog().open;
  if (!isHere) return say(`${name}: ${done ? t("hall.done") : problem}`, done ? "info" : "error");
  if (!done) return tell(problem);
  dialog().close();
  say(t("hall.done"));
}

/** @param {string} text */
function tell(text) {
  setText(byId("service-message"), text);
  byId("service-message").classList.toggle("message-error", true);
  show(byId("service-message"), text !== "");
}
