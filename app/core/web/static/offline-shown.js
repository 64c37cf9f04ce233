/* How the offline counter looks: its goods, its queue, its receipt. */
const STATES = { queued: ["未同步", "tag_wait"], booked: ["已入账", "tag_ok"], waiting: ["要处理", "tag_red"], closed: ["已结清", ""], aside: ["已转人工", "tag_wait"] };
const root = document.getElementById("offline");
export const MOST_OF_ONE = 99; // pieces of one item in one sale
export const part = (name) => root.querySelector(`[data-${name}]`);

export function showGoods(goods) {
  const filled = new Map([...root.querySelectorAll(".stepper__input")].map((field) => [field.name, field.value]));
  part("items").replaceChildren(...goods.map((one) => item(one, filled)));
}

function item(one, filled) {
  const row = root.querySelector("[data-item-template]").content.cloneNode(true).firstElementChild;
  Object.assign(row.dataset, { id: one.id, name: one.name, points: one.points, available: Math.min(one.available, MOST_OF_ONE) });
  if (one.barcode) row.dataset.barcode = one.barcode;
  const [tile, less, more] = row.querySelectorAll("button");
  tile.textContent = one.name.slice(0, 1);
  tile.setAttribute("aria-label", `加一件 ${one.name}`);
  less.setAttribute("aria-label", `${one.name} 减一件`);
  more.setAttribute("aria-label", `${one.name} 加一件`);
  const field = row.querySelector(".stepper__input");
  field.id = field.name = `qty-${one.id}`;
  field.value = filled.get(field.name) ?? "";
  row.querySelector("label").htmlFor = field.id;
  row.querySelector("label").textContent = one.name;
  row.querySelector("b").textContent = one.points;
  row.querySelector(".item__stock").textContent = one.available ? `账上还有 ${one.available} ${one.unit}` : "账上没有了";
  row.classList.toggle("item_out", !one.available);
  if (!one.available) for (const gone of row.querySelectorAll(".item__tile, .stepper")) gone.remove();
  return row;
}

export function showQueue(sales, there) {
  const queued = sales.filter((sale) => sale.state === "queued").length;
  const waiting = Math.max(there, sales.filter((sale) => sale.state === "waiting").length);
  const stuck = sales.filter((sale) => sale.state === "queued" && sale.refused).length;
  const why = stuck ? `，其中 ${stuck} 笔同步不了，请看最下面，转人工处理` : "";
  const told = queued ? `未同步 ${queued} 笔${why}` : "都同步好了";
  part("queue-text").textContent = waiting ? `${told}，要处理 ${waiting} 笔` : told;
  part("queue").classList.toggle("banner_waiting", queued > 0);
  part("queue").classList.toggle("banner_refused", !queued && waiting > 0);
  part("sync").hidden = !queued;
  part("handle").hidden = !waiting;
  part("sales").replaceChildren(...sales.toReversed().map(row));
  part("no-sales").hidden = sales.length > 0;
}

function row(sale) {
  const line = root.querySelector("[data-sale-template]").content.cloneNode(true).firstElementChild;
  const [word, look] = STATES[sale.state];
  const number = sale.number ? `单号 ${sale.number}` : `登记号 ${short(sale)}`;
  line.querySelector("[data-goods]").textContent = sale.lines.map((one) => `${one.name}×${one.quantity}`).join("、");
  line.querySelector("[data-about]").textContent = [clock(sale), sale.name, `${sale.total} 分`, number, sale.said].filter(Boolean).join("，");
  line.querySelector("[data-state]").textContent = word;
  const aside = line.querySelector("[data-aside]");
  aside.hidden = !(sale.state === "queued" && sale.refused);
  aside.dataset.aside = sale.nonce;
  if (look) line.querySelector("[data-state]").classList.add(look);
  return line;
}

export function showReceipt(sale) {
  part("receipt-number").textContent = short(sale);
  part("receipt-at").textContent = clock(sale, { year: "numeric" });
  part("receipt-name").textContent = sale.name;
  const lines = sale.lines.map((one) => cells(one.name, one.quantity, one.points * one.quantity));
  const sum = cells("合计", "", sale.total);
  sum.className = "receipt__sum";
  part("receipt-lines").replaceChildren(...lines, sum);
  part("receipt").hidden = false;
}

function cells(...texts) {
  const line = document.createElement("tr");
  line.append(...texts.map((text, place) => {
    const cell = document.createElement("td");
    cell.textContent = text;
    if (place) cell.className = "num";
    return cell;
  }));
  return line;
}

function clock(sale, more = {}) {
  return new Date(sale.sold_at).toLocaleString("zh-CN", { ...more, month: "long", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

function short(sale) {
  return sale.nonce.replaceAll("-", "").slice(-8).toUpperCase();
}
