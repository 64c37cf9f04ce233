/* The basket of the counter: quantities within stock, and their sum in points. */
export function chosen(form) {
  return [...form.querySelectorAll("[data-item]")].flatMap((item) => {
    const quantity = Number(item.querySelector("input")?.value || 0);
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

export function showBasket(form) {
  const lines = chosen(form);
  for (const item of form.querySelectorAll("[data-item]")) {
    item.classList.toggle("item_chosen", Number(item.querySelector("input")?.value || 0) > 0);
  }
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
