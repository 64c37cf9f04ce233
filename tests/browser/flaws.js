/* What is wrong with the page on the screen, as sentences. `least` is the side of the smallest target in px. */
(least) => {
  const flaws = [];
  const root = document.documentElement;
  const name = (node) => `<${node.tagName.toLowerCase()} class="${node.getAttribute("class") || ""}"> “${(node.textContent || node.value || "").trim().slice(0, 30)}”`;

  if (root.lang !== "zh-CN") flaws.push(`its language is “${root.lang}”`);
  if (!/\S · 红色账户$/.test(document.title)) flaws.push(`its title is “${document.title}”`);
  if (document.querySelectorAll("h1").length !== 1) flaws.push(`it has ${document.querySelectorAll("h1").length} first headings`);
  if (root.scrollWidth > root.clientWidth) flaws.push(`it is ${root.scrollWidth} px wide on ${root.clientWidth} px`);

  const seen = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && box.bottom > -scrollY && node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };

  // Targets. A field that its label covers entirely may be smaller than a finger.
  for (const node of document.querySelectorAll("a[href], button, input, select, textarea, summary, label.weui-btn")) {
    if (!seen(node)) continue;
    const { width, height } = node.getBoundingClientRect();
    if (Math.min(width, height) < least - 0.01) flaws.push(`${name(node)} is ${width.toFixed(1)} × ${height.toFixed(1)} px`);
    const label = node.getAttribute("aria-label") || node.textContent.trim() || node.labels?.[0]?.textContent.trim();
    if (!label) flaws.push(`${name(node)} has no name`);
  }

  // Contrast. Colours are laid over each other from the page's ground up; a gradient counts with its worst stop.
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const parsed = new Map();
  const rgba = (colour) => {
    if (!parsed.has(colour)) {
      paint.clearRect(0, 0, 1, 1);
      paint.fillStyle = colour;
      paint.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data;
      parsed.set(colour, [r, g, b, a / 255]);
    }
    return parsed.get(colour);
  };
  const over = (top, under, opacity = 1) => {
    const a = top[3] * opacity;
    return [0, 1, 2].map((i) => top[i] * a + under[i] * (1 - a)).concat(1);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => (Math.max(luminance(a), luminance(b)) + 0.05) / (Math.min(luminance(a), luminance(b)) + 0.05);
  const grounds = (node) => {
    if (!node) return [[255, 255, 255, 1]];
    const style = getComputedStyle(node);
    const stops = style.backgroundImage.includes("gradient") ? style.backgroundImage.match(/rgba?\([^)]*\)/g) : [style.backgroundColor];
    return grounds(node.parentElement).flatMap((under) => stops.map((stop) => over(rgba(stop), under)));
  };
  const opacity = (node) => (node ? Number(getComputedStyle(node).opacity) * opacity(node.parentElement) : 1);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(node.tagName) || node.closest("svg") || !seen(node)) continue;
    const ink = rgba(getComputedStyle(node).color);
    const ratio = Math.min(...grounds(node).map((ground) => contrast(over(ink, ground, opacity(node)), ground)));
    if (ratio < 4.5) flaws.push(`${name(node)} has a contrast of ${ratio.toFixed(2)}`);
    // Nothing may be cut off at a side where nobody can scroll to it.
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const { left, right } = range.getBoundingClientRect();
    const scrolls = node.closest(".pills");
    if (!scrolls && right > left && (left < -0.5 || right > root.clientWidth + 0.5)) flaws.push(`${name(node)} stands beside the screen`);
  }
  return flaws;
};
