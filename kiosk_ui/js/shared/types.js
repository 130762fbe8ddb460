/** The shapes of what the server answers, for the type checker. */

/**
 * @typedef {object} ServiceInfo
 * @property {string} id
 * @property {string} name
 * @property {string} public_name the name that boards may show
 * @property {boolean} open
 * @property {boolean} [web] may be taken on the web now
 * @property {boolean} [kiosk] may be taken at the kiosk now
 * @property {boolean} [on_web] offered on the web at all
 * @property {string | null} [reason] a code of the office's reasons, or of a refusal
 * @property {string | null} [web_reason]
 * @property {string | null} [opens_at]
 * @property {string | null} [web_opens_at]
 * @property {boolean} [arrival_needed] a web ticket has to check in
 * @property {number} [alert_ahead] people; when to alert unless the visitor chose otherwise
 * @property {number | null} [alert_minutes]
 * @property {string} [icon] the name of its picture
 * @property {number} waiting_count
 * @property {number | null} wait_low
 * @property {number | null} wait_high
 */
/** @typedef {{ id: string, name: string, icon: string, services: string[] }} KioskGroup */
/**
 * @typedef {object} CounterInfo
 * @property {string} id
 * @property {string} label
 * @property {boolean} open
 * @property {string[]} services
 */
/**
 * @typedef {object} Contacts
 * @property {boolean} email
 * @property {boolean} line
 * @property {boolean} phone
 * @property {boolean} [sms] text messages to a phone
 * @property {boolean} [voice] spoken calls to a phone
 * @property {string | null} [phone_provider] who receives the number
 * @property {string | null} [relay] who receives the mail address first
 * @property {string | null} line_account
 * @property {string | null} sender
 * @property {{ responsible?: unknown, handlers?: unknown[] }} [privacy]
 */
/**
 * @typedef {object} OfficeInfo
 * @property {string} id
 * @property {string} name
 * @property {boolean} open
 * @property {string[]} languages
 * @property {string} [time_zone]
 * @property {string | null} [business_day]
 * @property {string | null} [closes_at]
 * @property {string | null} [notice]
 * @property {ServiceInfo[]} services
 * @property {CounterInfo[]} counters
 * @property {Contacts} [contacts]
 * @property {string[]} [arrival]
 * @property {{ places: number, times: number }} [deferral]
 * @property {BoardSettings} board
 * @property {{ groups: KioskGroup[], prefixes: string[] }} [kiosk] how ticket machines arrange the services, and what numbers begin with
 * @property {{ code: string, name: string }[]} [reasons]
 */
/**
 * @typedef {object} Ticket
 * @property {string} office
 * @property {string} number
 * @property {string} service
 * @property {string} state
 * @property {string} [secret]
 * @property {number | null} position
 * @property {number | null} ahead
 * @property {number | null} wait_low seconds
 * @property {number | null} wait_high seconds
 * @property {string} issued_at
 * @property {string} business_day
 * @property {string | null} [counter]
 * @property {string | null} [called_at]
 * @property {number} [call_count]
 * @property {number} [deferrals_left]
 * @property {Contact | null} [contact] the one that messages go to first
 * @property {Contact[]} [contacts]
 * @property {Alert[]} [alerts]
 */
/** @typedef {{ channel: string, masked: string, ahead: number | null, minutes: number | null }} Contact */
/** @typedef {{ kind: string, channel: string, state: string, late?: boolean, at: string }} Alert */
/**
 * @typedef {object} QueueTicket
 * @property {string} number
 * @property {string} service
 * @property {string} state
 * @property {string} language
 * @property {string} channel
 * @property {string} issued_at
 * @property {string | null} arrived_at
 * @property {string | null} called_at
 * @property {number} call_count
 * @property {string | null} counter
 * @property {number | null} position
 * @property {number | null} ahead
 * @property {number | null} wait_seconds
 * @property {string | null} reason why it was held or transferred
 * @property {string | null} [transferred_from] a service
 * @property {string | null} [first_called_at]
 * @property {number | null} [call_order] its place among all who wait
 */
/**
 * @typedef {object} QueueCounter
 * @property {string} id
 * @property {string} label
 * @property {boolean} open
 * @property {string[]} services
 * @property {string | null} staff
 * @property {string | null} number
 * @property {string | null} state
 * @property {{ step: string, number: string, until: string } | null} undo
 * @property {"merged" | "listed"} [order]
 * @property {{ since: string, staff: string | null } | null} [on_break]
 * @property {string | null} [since] when its visitor came there
 * @property {number | null} [usual_seconds] how long such a visit usually takes
 */
/**
 * @typedef {object} Queue
 * @property {number} seq
 * @property {string} now
 * @property {QueueTicket[]} tickets
 * @property {QueueCounter[]} counters
 * @property {QueueService[]} services
 * @property {"clerk" | "supervisor" | "off"} [call_number] who may call a chosen number
 * @property {boolean} [closed] the day was ended
 * @property {string | null} [notice_until] when the message is taken down by itself
 */
/**
 * @typedef {object} QueueService
 * @property {string} id
 * @property {string} name
 * @property {Record<string, string | null>} [closed] channels that a supervisor closed, with the reason
 * @property {number | null} [quota]
 * @property {number} [web_issued]
 * @property {number | null} [wait_target_seconds] null: no target
 * @property {number | null} [longest_wait_seconds] null: nobody waits
 */
/** @typedef {{ name: string, roles: string[], offices: string[] }} Session */
/** @typedef {{ seq: number, number: string, counter: string, at: string, call_count: number, language: string }} Call */
/**
 * @typedef {object} BoardSettings
 * @property {boolean} chime
 * @property {string[]} languages
 * @property {boolean} silent neither chime nor voice
 * @property {string[]} voice languages that calls are spoken in
 * @property {boolean} playlist there is something to show beside the calls
 * @property {Record<string, string>} directions the way to each counter, where the office names it
 * @property {{ id: string, name: string, services: string[] }[]} groups
 */
/** @typedef {{ id: string, name: string, open: boolean, waiting: string[], wait_low: number | null, wait_high: number | null }} LiveService */
/** @typedef {{ id: string, label: string, open: boolean, calling: string | null, called_at: string | null, call_count: number }} LiveCounter */
/**
 * @typedef {object} Hall
 * @property {number} seq
 * @property {string} now
 * @property {LiveService[]} services
 * @property {LiveCounter[]} counters
 * @property {string[]} absent
 * @property {string | null} notice
 * @property {Call[]} calls
 */

export {};
