/** How the services are laid out on the start: sections on one page, or groups first, or pages. Pure. */

/** @typedef {import("../shared/types.js").ServiceInfo} ServiceInfo */
/** @typedef {import("../shared/types.js").KioskGroup} KioskGroup */
/** @typedef {{ id: string, name: string, icon: string, services: ServiceInfo[] }} Section */
/** @typedef {{ kind: "services" | "groups", sections: Section[], groups: KioskGroup[] }} Plan */

/** A visitor does not look through more than this at once. */
export const MOST_TOGETHER = 12;
export const OTHER = "-other";

/**
 * The services by group, in the office's order; those in none come last.
 * @param {readonly ServiceInfo[]} services
 * @param {readonly KioskGroup[]} groups
 * @param {string} otherName
 * @returns {Section[]}
 */
export function sectionsOf(services, groups, otherName) {
  const known = new Map(services.map((service) => [service.id, service]));
  const inGroups = new Set(groups.flatMap((group) => group.services));
  const rest = services.filter((service) => !inGroups.has(service.id));
  const sections = groups.map((group) => ({ ...group, services: group.services.flatMap((id) => known.get(id) ?? []) }));
  const other = { id: OTHER, name: groups.length ? otherName : "", icon: "", services: rest };
  return [...sections, other].filter((section) => section.services.length > 0);
}

/**
 * The plans to try, best first; the last of them is taken if none fits, in pages.
 * @param {Section[]} sections
 * @param {string | null} chosen the group that was touched
 * @returns {Plan[]}
 */
export function plansOf(sections, chosen) {
  const one = sections.find((section) => section.id === chosen);
  if (one) return [plan("services", [{ ...one, name: "" }])];
  const all = sections.flatMap((section) => section.services);
  const groups = sections.map(({ services, ...group }) => ({ ...group, services: services.map((service) => service.id) }));
  const isGrouped = sections.length > 1;
  const together = plan("services", isGrouped ? sections : [{ id: OTHER, name: "", icon: "", services: all }]);
  if (!isGrouped) return [together];
  const first = { ...plan("groups", []), groups };
  return all.length > MOST_TOGETHER ? [first] : [together, first];
}

/**
 * A part of a plan, for one page of several.
 * @param {Plan} whole
 * @param {number} from
 * @param {number} count
 * @returns {Plan}
 */
export function partOf(whole, from, count) {
  if (whole.kind === "groups") return { ...whole, groups: whole.groups.slice(from, from + count) };
  const [section] = whole.sections;
  return { ...whole, sections: [{ ...section, services: section.services.slice(from, from + count) }] };
}

/** @param {Plan} plan */
export const sizeOf = (plan) => plan.groups.length + plan.sections.reduce((sum, section) => sum + section.services.length, 0);

/**
 * Columns of a section that leave no row nearly empty.
 * @param {number} count
 * @param {boolean} isPortrait
 */
export function columnsFor(count, isPortrait) {
  if (isPortrait) return count <= 1 ? 1 : 2;
  if (count <= 4) return count;
  return count === 5 || count === 6 || count === 9 ? 3 : 4;
}

/**
 * @param {"services" | "groups"} kind
 * @param {Section[]} sections
 * @returns {Plan}
 */
const plan = (kind, sections) => ({ kind, sections, groups: [] });
