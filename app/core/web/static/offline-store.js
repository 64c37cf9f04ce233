/* What a terminal keeps: its number, slices as they were signed, and sales until they are booked. In IndexedDB, so that it outlives the tab and a tab cannot sell what another has sold. */
const NAME = "offline counter";
let opened = null;

function database() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("terminal");
      asked.result.createObjectStore("slice", { keyPath: "id" });
      asked.result.createObjectStore("sale", { keyPath: "nonce" }).createIndex("once", "share", { unique: true });
    };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

// One deed, written to the disk before it is said to be done.
async function within(store, mode, deed) {
  const db = await database();
  return new Promise((done, failed) => {
    const work = db.transaction(store, mode, { durability: "strict" });
    const asked = deed(work.objectStore(store));
    work.oncomplete = () => done(asked.result);
    work.onabort = () => failed(work.error ?? asked.error);
  });
}

/* A number of this browser's own, made up once. */
export async function terminal() {
  const kept = await within("terminal", "readonly", (store) => store.get("id"));
  if (kept) return kept;
  const made = uuid();
  await within("terminal", "readwrite", (store) => store.put(made, "id"));
  return made;
}

export async function slicesOf(shop) {
  const all = await within("slice", "readonly", (store) => store.getAll());
  return all.filter((slice) => slice.shop === shop).sort((a, b) => (a.until < b.until ? 1 : -1));
}

/* A slice as it came; what is read from it is read anew each time. */
export async function keepSlice({ text, mac }) {
  const { slice, shop, until } = JSON.parse(text);
  await within("slice", "readwrite", (store) => store.put({ id: slice, shop, until, text, mac, ended: false }));
}

/* Whether it may still be sold from: who is signed in has it, and nobody has called it back. */
export async function endSlice(slice, ended) {
  if (slice.ended !== ended) await within("slice", "readwrite", (store) => store.put({ ...slice, ended }));
}

/* Let go of a slice and its sales, in one deed; not where one was sold meanwhile that is still to be brought. */
export async function dropSlice(id) {
  const db = await database();
  return new Promise((done, failed) => {
    const work = db.transaction(["slice", "sale"], "readwrite", { durability: "strict" });
    const sales = work.objectStore("sale");
    sales.getAll().onsuccess = ({ target }) => {
      const own = target.result.filter((sale) => sale.slice === id);
      if (own.some((sale) => sale.state === "queued")) return;
      work.objectStore("slice").delete(id);
      for (const sale of own) sales.delete(sale.nonce);
    };
    work.oncomplete = () => done();
    work.onabort = () => failed(work.error);
  });
}

export async function salesOf(shop) {
  const all = await within("sale", "readonly", (store) => store.getAll());
  return all.filter((sale) => sale.shop === shop).sort((a, b) => a.made - b.made);
}

/* Refused by the index where the card was used already, in whichever tab. */
export async function addSale(sale) {
  const before = (await within("sale", "readonly", (store) => store.getAll())).filter((one) => one.slice === sale.slice);
  const kept = { ...sale, nonce: uuid(), made: Date.now(), place: before.length + 1, state: "queued" };
  await within("sale", "readwrite", (store) => store.add(kept));
  return kept;
}

export async function setSale(sale) {
  await within("sale", "readwrite", (store) => store.put(sale));
}

function uuid() {
  return crypto.randomUUID();
}
