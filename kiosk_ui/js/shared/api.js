/** Requests to the server: problems as errors, the same key on every retry. */

import { hear } from "./clock.js";
import { takeEarly } from "./early.js";
import { hasText, t } from "./texts.js";

/**
 * @typedef {object} Options
 * @property {unknown} [body]
 * @property {string} [key] idempotency key
 * @property {string} [secret] a ticket's secret
 * @property {string} [accept]
 * @property {number} [timeout] milliseconds
 */

/** The server answered that it will not do this. */
export class Problem extends Error {
  /**
   * @param {number} status
   * @param {{ code?: string, detail?: string, title?: string, [more: string]: unknown }} body
   * @param {number | null} retryAfter seconds
   */
  constructor(status, body, retryAfter) {
    super(body.detail ?? body.title ?? String(status));
    this.status = status;
    this.code = body.code ?? "";
    this.detail = body.detail ?? "";
    /** @type {Record<string, unknown>} */
    this.details = body;
    this.retryAfter = retryAfter;
  }
}

/** No answer came; whether the server did it is not known. */
export class Unreachable extends Error {}

/**
 * One request. 204 gives null.
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<any>}
 */
export async function request(method, path, options = {}) {
  const answer = await reach(method, path, options);
  if (answer.status === 204) return null;
  const type = answer.headers.get("content-type") ?? "";
  if (answer.ok) return type.includes("json") ? readJson(answer) : answer.text();
  const body = type.includes("json") ? await answer.json().catch(() => ({})) : {};
  const wait = Number(answer.headers.get("retry-after"));
  throw new Problem(answer.status, body, Number.isFinite(wait) && wait > 0 ? wait : null);
}

/**
 * A request that is tried again with the same key until it is answered or `patience` (milliseconds) is over.
 * @param {string} method
 * @param {string} path
 * @param {Options & { patience?: number, onAway?: () => void, isWanted?: () => boolean, mayPass?: (error: unknown) => boolean }} [options]
 *   mayPass: whether it is worth another try; usually when the server is away
 * @returns {Promise<any>}
 */
export async function insist(method, path, options = {}) {
  const { patience = 8000, onAway, isWanted = () => true, mayPass = isAway, ...rest } = options;
  const until = Date.now() + patience;
  for (let pause = 400; ; pause = Math.min(pause * 2, 5000)) {
    try {
      return await request(method, path, rest);
    } catch (error) {
      if (!mayPass(error) || !isWanted() || Date.now() + pause > until) throw error;
      onAway?.();
      await sleep(pause * (0.75 + Math.random() / 2));
    }
  }
}

/**
 * Is this "the server cannot be asked now", rather than a refusal?
 * @param {unknown} error
 * @returns {boolean}
 */
export function isAway(error) {
  if (error instanceof Problem) return [502, 504].includes(error.status) || (error.status === 503 && ["", "unavailable"].includes(error.code));
  return error instanceof Unreachable;
}

/**
 * Is this "there is no such ticket, or none any more"?
 * @param {unknown} error
 */
export const isNoTicket = (error) => error instanceof Problem && [401, 404].includes(error.status);

/** A key of at least 128 random bits for one intent of a person. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The sentence to show for an error.
 * @param {unknown} error
 * @returns {string}
 */
export function problemText(error) {
  if (error instanceof Unreachable) return t("error.unreachable");
  if (!(error instanceof Problem)) return t("error.unknown");
  const key = `error.${error.code}`;
  if (error.code && hasText(key)) return t(key, { seconds: error.retryAfter ?? "" });
  if (error.status === 429) return t("error.too_many");
  return error.detail || t("error.unknown");
}

/** @param {number} milliseconds */
export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 */
async function reach(method, path, { body, key, secret, accept = "application/json", timeout = 10000 }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: accept };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (secret) headers["Authorization"] = `Bearer ${secret}`;
  try {
    const early = method === "GET" ? takeEarly(path) : undefined;
    const answer = await (early ?? fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    }));
    hear(answer.headers.get("date"), !early);
    return answer;
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/**
 * An answer that breaks off is as good as none.
 * @param {Response} answer
 */
async function readJson(answer) {
  try {
    return await answer.json();
  } catch (error) {
    throw new Unreachable(String(error));
  }
}
