/* Between a terminal and the service: how things stand, the slice, and the queue in its order. */
import { dropSlice, endSlice, keepSlice, salesOf, setSale, slicesOf, terminal } from "./offline-store.js";

const PATIENCE_MS = 15000;

export class Ended extends Error {} // the login
export class Away extends Error {} // the network, or the service

/* How things stand: the token of the forms, whose today's slice is, what became of the sales. */
async function ask(at) {
  return answered(`${at}/state?terminal=${await terminal()}`);
}

export async function grant(at) {
  const { csrf } = await ask(at);
  await keepSlice(await answered(`${at}/slice`, form({ csrf_token: csrf, terminal: await terminal() })));
}

export async function giveBack(at, slice) {
  const { csrf } = await ask(at);
  const answer = await reach(`${at}/slices/${slice}/return`, form({ csrf_token: csrf }));
  if (!answer.ok) throw new Away();
  await dropSlice(slice);
}

/* Send what waits, one after the other. In one tab at a time; the service would not mind two. */
export async function sync(at, shop, changed) {
  return navigator.locks.request(`sync ${shop}`, () => sendAll(at, shop, changed));
}

async function sendAll(at, shop, changed) {
  let state = await ask(at);
  const slices = new Map((await slicesOf(shop)).map((slice) => [slice.id, slice]));
  const queue = (await salesOf(shop)).filter((one) => one.state === "queued");
  for (const sale of queue) {
    await send(at, sale, slices.get(sale.slice), state.csrf);
    await changed();
  }
  if (queue.length) state = await ask(at);
  const told = new Map(state.sales.map((one) => [one.nonce, one]));
  for (const sale of await salesOf(shop)) {
    if (told.has(sale.nonce)) await setSale({ ...sale, ...told.get(sale.nonce) });
  }
  for (const slice of slices.values()) await endSlice(slice, slice.id !== state.slice);
  await letGo(at, shop, state.csrf);
  await changed();
  return state;
}

async function send(at, sale, slice, csrf) {
  if (!slice) return setSale({ ...sale, said: "这台设备上已经没有这笔用的备用额度，请凭签字的登记纸找社区办理。" });
  const { nonce, share, place, sold_at, total } = sale;
  const fields = { csrf_token: csrf, slice: slice.text, mac: slice.mac, nonce, share, place, sold_at, total };
  for (const line of sale.lines) fields[`qty-${line.id}`] = line.quantity;
  const answer = await reach(`${at}/sales`, form(fields));
  const said = await answer.json().catch(() => null);
  if (!said || answer.status === 429 || answer.status >= 500) throw new Away();
  // What is refused as it stands is no loss: it stays here, and says why.
  await setSale(answer.ok ? { ...sale, ...said } : { ...sale, said: said.detail });
}

// A slice of an earlier day is given back once all of it is there.
async function letGo(at, shop, csrf) {
  const queued = (await salesOf(shop)).filter((sale) => sale.state === "queued");
  for (const slice of await slicesOf(shop)) {
    if (Date.now() < Date.parse(slice.until) || queued.some((sale) => sale.slice === slice.id)) continue;
    const answer = await reach(`${at}/slices/${slice.id}/return`, form({ csrf_token: csrf }));
    if (answer.ok) await dropSlice(slice.id);
  }
}

async function answered(address, options) {
  const answer = await reach(address, options);
  const body = await answer.json().catch(() => null);
  if (!body) throw new Away();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

async function reach(address, options) {
  if (!navigator.onLine) throw new Away();
  let answer;
  try {
    answer = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE_MS), headers: { Accept: "application/json" } });
  } catch {
    throw new Away();
  }
  if (answer.redirected && new URL(answer.url).pathname.startsWith("/staff/")) throw new Ended();
  return answer;
}

function form(fields) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return { method: "POST", body };
}
