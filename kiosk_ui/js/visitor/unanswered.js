/**
 * Numbers that were asked for without an answer, one question for each office and service. It is kept until it is answered, also
 * when the page is loaded anew, so that asking once more gives the same number; its key is worth nothing in another browser.
 */

import { newKey } from "../shared/api.js";

/** @typedef {{ key: string, body: Record<string, unknown> }} Question */

const KEPT = "junban.unanswered";

/** Where nothing can be kept this serves until the page is left. @type {Record<string, Question>} */
const questions = read();

/**
 * @param {string} office
 * @param {string} service
 * @param {Record<string, unknown>} body with another one the key would be refused
 * @returns {Question}
 */
export function questionFor(office, service, body) {
  const question = (questions[nameOf(office, service)] ??= { key: newKey(), body });
  keep();
  return question;
}

/**
 * @param {string} office
 * @param {string} service
 */
export function answered(office, service) {
  delete questions[nameOf(office, service)];
  keep();
}

/**
 * @param {string} office
 * @param {string} service
 */
const nameOf = (office, service) => `${office} ${service}`;

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(questions));
  } catch {
    // What is in memory is all there is.
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
  } catch {
    return {};
  }
}
