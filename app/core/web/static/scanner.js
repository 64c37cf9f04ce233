/* A scanner types much faster than people. What came in one burst and ends with Enter is a scan.
   Times are those at which the keys were pressed: a page that was busy meanwhile tears no scan in two. */
const PAUSE_MS = 100; // between two keys of one burst, at most
const SLOW_MS = 1500; // where nobody types eight places by hand, a slow machine may stumble
const SHORTEST = 8; // the shortest barcode
const CARD = /^[A-Z]{1,4}\d{6,16}$/i; // what app/identity/cards.py knows a card by: ours, and imported ones
let burst = { text: "", at: -Infinity, field: null, before: "" };

/* A key that was pressed, and the field where it will land. */
export function noteKey({ key, timeStamp: now }, field) {
  if (key.length !== 1) return;
  const goesOn = burst.text && now - burst.at < pause(field);
  if (!goesOn) burst = { text: "", at: now, field, before: field.value ?? "" };
  burst.text += key;
  burst.at = now;
}

/* The text of a scan that this Enter has ended, and what undoes its traces; else null. */
export function scannedText({ target, timeStamp: now }) {
  const { text, at, field, before } = burst;
  burst = { ...burst, text: "" };
  if (text.length < SHORTEST || now - at > pause(target) * 4) return null; // the focus may have moved on meanwhile
  return { text: text.normalize("NFKC"), restore: () => "value" in field && (field.value = before) };
}

function pause(target) {
  return target.matches?.("input:not(.stepper__input)") ? PAUSE_MS : SLOW_MS;
}

export function itemWith(form, text) {
  return /^\d{8,14}$/.test(text) ? form.querySelector(`[data-barcode="${text}"]`) : null;
}

export function isCard(text) {
  return CARD.test(text);
}

/* A card of digits alone, as some imported ones are. What is no code, being of another length, and no barcode may be one. */
export function mayBeCard(text, codeLengths) {
  return /^\d{6,20}$/.test(text) && !codeLengths.includes(text.length) && !looksLikeBarcode(text);
}

/* EAN-8, UPC, EAN-13 and GTIN-14 end with a digit that checks the others. */
export function looksLikeBarcode(text) {
  if (!/^(\d{8}|\d{12,14})$/.test(text)) return false;
  const digits = [...text].map(Number).reverse();
  return digits.reduce((sum, digit, place) => sum + digit * (place % 2 ? 3 : 1), 0) % 10 === 0;
}
