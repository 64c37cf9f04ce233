/* 兑换点: what a resident puts together, its sum, and what stands in its way. The server is the judge. */
import { chosen, markChosen, pieces, setQuantity, stepOf, stepped } from "./basket.js";

const form = document.querySelector("[data-basket]");
const part = (name) => form.querySelector(`[data-${name}]`);

if (form && part("total")) {
  form.addEventListener("click", clicked);
  form.addEventListener("keydown", pressed);
  form.addEventListener("input", (event) => choose(event.target, event.target.value));
  form.addEventListener("focusin", (event) => event.target.matches(".stepper__input") && event.target.select());
  addEventListener("pageshow", () => show()); // back from another page, what was chosen is still there
  show();
}

function clicked(event) {
  const button = event.target.closest("[data-step]");
  if (!button) return;
  const field = button.parentElement.querySelector("input");
  choose(field, stepped(field, Number(button.dataset.step)));
}

function pressed(event) {
  const by = stepOf(event);
  if (!by) return;
  event.preventDefault();
  choose(event.target, stepped(event.target, by));
}

function choose(field, wanted) {
  const left = setQuantity(field, wanted);
  const { unit } = field.closest("[data-item]").dataset;
  show(left === null ? "" : `只剩 ${left} ${unit}，都选上了。`);
}

function show(said = "") {
  const total = chosen(form).reduce((sum, line) => sum + line.points, 0);
  const short = total - Number(form.dataset.have);
  markChosen(form);
  part("total").textContent = total;
  part("short").textContent = short > 0 ? `还差 ${short} 分` : "";
  part("say").textContent = tooMuch(total, short) || said;
}

function tooMuch(total, short) {
  const { most, today } = form.dataset;
  const over = [...form.querySelectorAll("[data-left]")].find((item) => pieces(item) > Number(item.dataset.left));
  if (short > 0) return "请减几件，或等积分入账后再来。";
  if (today && total > Number(today)) return `代办今天还可用 ${today} 分，请减几件，或请本人来领。`;
  if (most && total > Number(most)) return `一次最多用 ${most} 分，请减几件。`;
  if (over) return `${over.dataset.name}有限量，本季度还能换 ${over.dataset.left} ${over.dataset.unit}，请减几${over.dataset.unit}。`;
  return "";
}
