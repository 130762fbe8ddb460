"""What is wrong with the layout of an opened page: cut, overlapping or lost text, and targets that are too small."""

from playwright.async_api import Page

#: SLACK, in CSS pixels, is what may stand out by rounding.
_FAULTS = r"""
(leastTarget) => {
  const SLACK = 2, faults = [];
  const modal = document.querySelector("dialog:modal");
  const root = modal ?? document.body;
  const name = (node) => {
    const element = node.nodeType === 1 ? node : node.parentElement;
    const id = element.closest("[id]")?.id ?? "", text = element.textContent.trim().slice(0, 24);
    return `${element.localName}${element.className && typeof element.className === "string" ? "." + element.className.split(" ")[0] : ""}`
      + ` in #${id} "${text}"`;
  };
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true })
    && !element.closest(".unseen, .skip, noscript, [aria-hidden='true'] svg, option")
    && getComputedStyle(element).clipPath !== "inset(50%)" && getComputedStyle(element.parentElement ?? element).clipPath !== "inset(50%)";
  const scrolls = (style, axis) => ["auto", "scroll"].includes(style[`overflow${axis}`]);
  const cuts = (style, axis) => ["hidden", "clip"].includes(style[`overflow${axis}`]);

  // Each text, as the boxes of its lines.
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode, element = node.parentElement;
    if (!node.data.trim() || !element || !isSeen(element) || ["SCRIPT", "STYLE", "TITLE"].includes(element.tagName)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) if (rect.width > 1 && rect.height > 1) texts.push({ node, element, rect });
  }

  for (const { node, element, rect } of texts) {
    let sidewaysScrolls = false;
    for (let box = element; box && box !== document.documentElement; box = box.parentElement) {
      const style = getComputedStyle(box), at = box.getBoundingClientRect();
      if (style.position === "fixed") { if (rect.left < -SLACK || rect.right > innerWidth + SLACK) faults.push(`sticks out: ${name(node)}`); break; }
      if (scrolls(style, "X")) sidewaysScrolls = true;
      if (scrolls(style, "Y") || scrolls(style, "X")) break;
      if (cuts(style, "X") && (rect.left < at.left - SLACK || rect.right > at.right + SLACK)) { faults.push(`cut at the side: ${name(node)}`); break; }
      // Line boxes are taller than letters: a quarter may be lost.
      const spare = rect.height / 4;
      if (cuts(style, "Y") && (rect.top + spare < at.top - SLACK || rect.bottom - spare > at.bottom + SLACK)) {
        if (rect.top >= at.bottom - SLACK || rect.bottom <= at.top + SLACK) break;  // wholly out of sight: left out, not cut
        faults.push(`cut above or below: ${name(node)}`);
        break;
      }
    }
    if (!sidewaysScrolls && (rect.left < -SLACK || rect.right > innerWidth + SLACK)) faults.push(`sticks out: ${name(node)}`);
    const style = getComputedStyle(element);
    if (style.textOverflow === "ellipsis" && cuts(style, "X") && element.scrollWidth > element.clientWidth + 1) faults.push(`ellipsis: ${name(node)}`);
  }

  // Something opaque that lies over a text is a layer above it (a notice, a sticky head), not a neighbour.
  const isBelow = ({ rect, element }) => {
    const x = rect.left + rect.width / 2, y = rect.top + rect.height / 2;
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return false;
    for (let top = document.elementFromPoint(x, y); top && !top.contains(element); top = top.parentElement) {
      const paint = getComputedStyle(top).backgroundColor;
      if (!element.contains(top) && paint !== "rgba(0, 0, 0, 0)" && paint !== "transparent") return true;
    }
    return false;
  };
  // A notice that stays in sight while the page moves below it covers half a line on the way; the person scrolls on.
  const layerOf = (element) => {
    for (let box = element; box; box = box.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(box).position)) return box;
    return null;
  };
  const isRuby = (element) => element.closest("rt, rp, ruby");
  const isShown = ({ rect, element }) => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const style = getComputedStyle(box), at = box.getBoundingClientRect();
      if ((cuts(style, "Y") || scrolls(style, "Y")) && (rect.top >= at.bottom || rect.bottom <= at.top)) return false;
    }
    return true;
  };
  const shown = texts.filter((text) => !isRuby(text.element) && isShown(text) && !isBelow(text)).sort((a, b) => a.rect.top - b.rect.top);
  for (let one = 0; one < shown.length; one += 1) {
    for (let other = one + 1; other < shown.length && shown[other].rect.top < shown[one].rect.bottom; other += 1) {
      const a = shown[one], b = shown[other];
      if (a.node === b.node) continue;
      const wide = Math.min(a.rect.right, b.rect.right) - Math.max(a.rect.left, b.rect.left);
      const high = Math.min(a.rect.bottom, b.rect.bottom) - Math.max(a.rect.top, b.rect.top);
      if (wide > 3 && high > Math.min(a.rect.height, b.rect.height) * 0.45 && layerOf(a.element) === layerOf(b.element)) faults.push(`overlap: ${name(a.node)} and ${name(b.node)}`);
    }
  }

  const page = document.scrollingElement;
  if (!modal && page.scrollWidth > innerWidth + SLACK) faults.push(`the page is ${page.scrollWidth} px wide in ${innerWidth}`);

  const targets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]";
  for (const target of root.querySelectorAll(targets)) {
    if (!isSeen(target) || target.disabled) continue;
    if (target.localName === "a" && getComputedStyle(target).display === "inline") continue;  // in a sentence
    const label = ["checkbox", "radio"].includes(target.type) ? target.closest("label") ?? target.labels?.[0] : null;
    const { width, height } = (label ?? target).getBoundingClientRect();
    if (width && height && (width < leastTarget - 0.5 || height < leastTarget - 0.5)) {
      faults.push(`target of ${Math.round(width)} by ${Math.round(height)} px: ${name(target)}`);
    }
  }
  return [...new Set(faults)];
}
"""


async def faults(page: Page, least_target: int) -> list[str]:
    found: list[str] = await page.evaluate(_FAULTS, least_target)
    return found


#: Nothing is being fetched, the fonts are there, and nothing has changed for two frames.
_SETTLED = """
async () => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  let before = "";
  for (let turn = 0; turn < 100; turn += 1) {
    await frame();
    await frame();
    await document.fonts.ready;
    const now = document.body.innerText;
    if (now === before && !globalThis.asked) return;
    before = now;
  }
}
"""


async def settled(page: Page) -> None:
    await page.evaluate(_SETTLED)


async def speak(page: Page, language: str) -> bool:
    """Changes the language by the page's own button; False where it has none, or is cut off and has not got the words."""
    done: bool = await page.evaluate(
        f"""async (lang) => {{
          const isSpoken = () => document.documentElement.lang === lang;
          const button = document.querySelector(`[data-testid="language-${{lang}}"]`);
          if (!isSpoken() && (!navigator.onLine || !button)) return false;
          if (!isSpoken()) button.click();
          while (!isSpoken()) await new Promise((resolve) => setTimeout(resolve, 10));
          await ({_SETTLED})();
          return true;
        }}""",
        language,
    )
    return done


async def focus_is_seen(page: Page) -> bool:
    """Whether the element that a key press leads to shows it by an outline or a border of its own."""
    await page.keyboard.press("Tab")
    seen: bool = await page.evaluate(
        """() => {
          const element = document.activeElement;
          if (!element || element === document.body) return true;
          const style = getComputedStyle(element);
          return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        }"""
    )
    return seen
