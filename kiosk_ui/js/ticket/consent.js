/** What a visitor is told before agreeing: who receives the contact, what for, until when. */

import { language, t } from "../shared/texts.js";

/** @typedef {import("../shared/types.js").Contacts} Contacts */
/** @typedef {"email" | "line" | "sms" | "voice"} Way */

/**
 * @param {Way} way
 * @param {Contacts | undefined} offer
 * @returns {string[]} sentences
 */
export function consentFacts(way, offer) {
  const { privacy } = offer ?? {};
  const responsible = nameOf(privacy?.responsible);
  const handlers = (privacy?.handlers ?? []).map(nameOf).filter(Boolean).join(t("list_separator"));
  return [
    t("alerts.fact_use"),
    ...receivers(way, offer),
    t("alerts.fact_erase"),
    t("alerts.fact_erase_now"),
    t("alerts.fact_travel"),
    responsible ? t("alerts.fact_responsible", { name: responsible }) : "",
    handlers ? t("alerts.fact_handlers", { names: handlers }) : "",
  ].filter(Boolean);
}

/**
 * @param {Way} way
 * @param {Contacts | undefined} offer
 */
function receivers(way, offer) {
  if (way === "line") return [t("alerts.fact_line_gets"), t("alerts.fact_line_text")];
  if (way === "email") {
    const { relay, sender } = offer ?? {};
    return [
      relay ? t("alerts.fact_relay", { relay }) : t("alerts.fact_mail"),
      t("alerts.fact_mail_text"),
      sender ? t("alerts.fact_sender", { sender }) : "",
    ];
  }
  const provider = offer?.phone_provider || t("alerts.phone_provider");
  return [t("alerts.fact_phone", { provider }), t(way === "sms" ? "alerts.fact_sms_text" : "alerts.fact_voice_text")];
}

/**
 * A name as text, whether the server gives a string, a name by language, or an entry with a name and a purpose.
 * @param {any} entry
 * @returns {string}
 */
function nameOf(entry) {
  if (!entry) return "";
  if (typeof entry === "string") return entry;
  const name = nameOf(entry.name ?? entry[language()] ?? entry.en ?? entry.ja);
  const purpose = nameOf(entry.purpose ?? entry.role);
  return purpose ? t("alerts.name_purpose", { name, purpose }) : name;
}
