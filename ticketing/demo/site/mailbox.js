/** The mails, LINE messages, text messages and calls that the demonstration received, and its made-up LINE users. */

import { problemText, request, sleep } from "/static/js/shared/api.js";
import { byId, el, setText, show, syncList } from "/static/js/shared/dom.js";
import { say } from "/static/js/shared/page.js";
import { language } from "/static/js/shared/texts.js";
import { startDemoPage, w } from "./words.js";

/** @typedef {{ id: number, channel: "mail" | "line" | "sms" | "voice", to: string, at: string, subject: string, text: string, unsubscribe_url: string | null }} Message */
/** @typedef {{ name: string, is_blocking: boolean }} User */
/** @typedef {{ messages: Message[], line_account: string, line_users: User[] }} Mailbox */

const PAUSE = 2000;
const LINKS = /(https?:\/\/[^\s<>"]+)/;

/** @type {Mailbox} */
let mailbox = { messages: [], line_account: "", line_users: [] };

async function start() {
  byId("line-form").addEventListener("submit", (event) => void send(event));
  byId("line-block").addEventListener("click", () => void block());
  await startDemoPage(draw);
  for (;;) {
    await look();
    await sleep(PAUSE);
  }
}

async function look() {
  try {
    mailbox = await request("GET", "/demo/mailbox.json");
    show(byId("away"), false);
    draw();
  } catch {
    show(byId("away"), true);
  }
}

function draw() {
  const { messages, line_account, line_users } = mailbox;
  setText(byId("line-note"), w("line.note", { account: line_account }));
  show(byId("no-messages"), messages.length === 0);
  syncList(byId("messages"), messages, ({ id }) => String(id), messageItem);
  syncList(byId("line-user"), line_users, ({ name }) => name, userOption);
}

/** @param {User} user */
const userOption = (user) =>
  el("option", { value: user.name }, w(`user.${user.name}`) + (user.is_blocking ? w("line.is_blocking") : ""));

/** @param {Message} message */
function messageItem(message) {
  const isLine = message.channel === "line";
  const to = isLine && message.to ? w(`user.${message.to}`) : message.to;
  return el("li", { class: `card message-card ${message.channel}`, "data-testid": `message-${message.id}` },
    el("p", { class: "small message-head" },
      el("b", { class: "tag" }, w(`channel.${message.channel}`)),
      el("span", {}, w("to", { to })),
      el("time", { datetime: message.at }, new Date(message.at).toLocaleTimeString(language()))),
    message.subject && el("h3", {}, message.subject),
    el("p", { class: "message-text" }, ...withLinks(message.text.trim())),
    message.unsubscribe_url && el("p", { class: "small" }, el("a", { href: message.unsubscribe_url }, w("unsubscribe"))));
}

/**
 * @param {string} text
 * @returns {(string | HTMLElement)[]}
 */
const withLinks = (text) => text.split(LINKS).map((part) => (LINKS.test(part) ? el("a", { href: part }, part) : part));

const user = () => /** @type {HTMLSelectElement} */ (byId("line-user")).value;

/** @param {SubmitEvent} event */
async function send(event) {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (byId("line-text"));
  await act({ user: user(), text: field.value }, "line.sent");
  field.value = "";
}

const block = () => act({ user: user() }, "line.blocked");

/**
 * @param {{ user: string, text?: string }} body
 * @param {string} done what to say then
 */
async function act(body, done) {
  try {
    const { status } = await request("POST", "/demo/line", { body });
    say(status === 200 ? w(done) : w("line.failed", { status: String(status) }), status === 200 ? "info" : "error");
    await look();
  } catch (error) {
    say(problemText(error), "error");
  }
}

void start();
