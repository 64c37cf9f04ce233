/* 小票: as long as what stands on it. Chromium has no page of automatic height, so it is told one each time. */
const MARGINS_MM = 8;
const SPARE_MM = 4; // for the tear-off edge, and for fractions of a line
const MM_PER_PX = 25.4 / 96;
const PRINTED_ROOT = "11pt"; // what a rem is on paper, as in house.css
const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

window.addEventListener("beforeprint", () => {
  const receipt = document.querySelector(".counter__receipt");
  if (!receipt) return;
  const height = Math.ceil(heightOnPaper(receipt) * MM_PER_PX) + MARGINS_MM + SPARE_MM;
  sheet.replaceSync(`@media print { @page receipt { size: 80mm ${height}mm; } }`);
});

function heightOnPaper(receipt) {
  const root = document.documentElement, before = root.style.fontSize;
  root.style.fontSize = PRINTED_ROOT;
  receipt.classList.add("receipt_measured");
  const { height } = receipt.getBoundingClientRect();
  receipt.classList.remove("receipt_measured");
  root.style.fontSize = before;
  return height;
}
