/* A basket, at the counter or on a phone: quantities within stock, and their sum in points. */
const STEPS = { "+": 1, "=": 1, ArrowUp: 1, "-": -1, _: -1, ArrowDown: -1 };
const SALE = /^(redeem_code|card_no|fetcher_card_no|qty-.*)$/;

/* How many pieces more a key asks for in a field of quantities; 0 for any other key. */
export function stepOf(event) {
  return (!event.isComposing && event.target.matches?.(".stepper__input") && STEPS[event.key]) || 0;
}

export function stepped(field, by) {
  return Math.max(0, Number(field.value || 0) + by);
}

export function chosen(form) {
  return [...form.querySelectorAll("[data-item]")].flatMap((item) => {
    const quantity = pieces(item);
    return quantity ? [{ name: item.dataset.name, quantity, points: quantity * Number(item.dataset.points) }] : [];
  });
}

/* Sets a quantity within the stock; answers how many are left when more were wanted, else null. */
export function setQuantity(field, text) {
  const available = Number(field.closest("[data-item]").dataset.available);
  const typed = String(text).normalize("NFKC").trim();
  // What is no whole number is emptied, never turned into another one.
  const quantity = /^\d+$/.test(typed) ? Number(typed) : 0;
  field.value = Math.min(quantity, available) || "";
  return quantity > available ? available : null;
}

/* What a form would sell, and to whom: forms that say the same are one sale, whatever key they carry. */
export function saleOf(data) {
  return JSON.stringify([...data].filter(([name, text]) => SALE.test(name) && text.trim()).sort());
}

/* Another form takes over what one holds, what is empty as well; its key and its prices are its own. */
export function carryOver(from, to) {
  for (const field of to.querySelectorAll("input[name]:not([type=hidden])")) {
    const held = from.elements[field.name]?.value ?? "";
    if (field.matches(".stepper__input")) setQuantity(field, held);
    else field.value = held;
  }
  to.querySelector("[data-card]").open = from.querySelector("[data-card]").open;
  to.querySelector("[data-who]").replaceChildren(...from.querySelector("[data-who]").childNodes);
  showBasket(to);
}

export function clearBasket(form) {
  for (const field of form.querySelectorAll(".stepper__input")) field.value = "";
  showBasket(form);
}

/* Over a login in between, in this tab and once: names of fields and quantities, nothing else. */
export function keepBasket(form) {
  const filled = [...form.querySelectorAll(".stepper__input")].filter((field) => field.value);
  sessionStorage.setItem(keptAs(form), JSON.stringify(filled.map((field) => [field.name, field.value])));
}

export function restoreBasket(form) {
  const kept = JSON.parse(sessionStorage.getItem(keptAs(form)) || "[]");
  sessionStorage.removeItem(keptAs(form));
  for (const [name, quantity] of kept) {
    const field = form.elements[name];
    if (field) setQuantity(field, quantity); // what was sold out meanwhile has no field any more
  }
  showBasket(form);
}

function keptAs(form) {
  return `basket ${form.getAttribute("action")}`;
}

/* How many pieces of one item are chosen. */
export function pieces(item) {
  return Number(item.querySelector(".stepper__input")?.value || 0);
}

export function markChosen(form) {
  for (const item of form.querySelectorAll("[data-item]")) item.classList.toggle("item_chosen", pieces(item) > 0);
}

export function showBasket(form) {
  const lines = chosen(form);
  markChosen(form);
  form.querySelector("[data-lines]").replaceChildren(...lines.map(asLine));
  form.querySelector("[data-pieces]").textContent = lines.reduce((sum, line) => sum + line.quantity, 0);
  form.querySelector("[data-total]").textContent = lines.reduce((sum, line) => sum + line.points, 0);
}

function asLine(line) {
  const row = document.createElement("li");
  const name = document.createElement("span");
  const points = document.createElement("span");
  name.textContent = `${line.name} × ${line.quantity}`;
  points.textContent = line.points;
  points.className = "num";
  row.append(name, points);
  return row;
}
