/** Tells when the same counter is open in a second tab of this browser. */

const CHANNEL = "junban.counter";
const ASK_MILLISECONDS = 4000;

/**
 * @param {() => string} here the counter that this tab works at, "" for none
 * @param {(isShared: boolean) => void} tell
 */
export function watchTabs(here, tell) {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel(CHANNEL);
  let answeredAt = 0;
  channel.onmessage = ({ data }) => {
    if (!here() || data.counter !== here()) return;
    if (data.asks) channel.postMessage({ counter: here() });
    answeredAt = performance.now();
    tell(true);
  };
  const ask = () => {
    if (performance.now() - answeredAt > ASK_MILLISECONDS * 2.5) tell(false);
    if (here()) channel.postMessage({ counter: here(), asks: true });
  };
  setInterval(ask, ASK_MILLISECONDS);
  setTimeout(ask, 300);
}
