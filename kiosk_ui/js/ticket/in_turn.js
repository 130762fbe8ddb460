/** What a visitor asks for, one after the other: nothing that was pressed is lost, and the same thing pressed twice is once. */

export function turns() {
  /** @type {Set<string>} */
  const pending = new Set();
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /**
   * @param {string} name what is asked for
   * @param {HTMLElement} button shows that it is under way
   * @param {() => Promise<unknown>} work
   * @returns {Promise<{ done: boolean, error?: unknown }>} neither done nor an error: it was under way already
   */
  return async function inTurn(name, button, work) {
    if (pending.has(name)) return { done: false };
    pending.add(name);
    button.setAttribute("aria-busy", "true");
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    try {
      await mine;
      return { done: true };
    } catch (error) {
      return { done: false, error };
    } finally {
      pending.delete(name);
      button.removeAttribute("aria-busy");
    }
  };
}
