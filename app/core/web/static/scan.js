/* 扫一扫: camera, picture or typed text; whatever is read goes through the same form. What cannot
   be taken back (data-scan-asks) is sent by whoever presses the button, never by the camera. */
import { cameraTrouble, openCamera, readPicture } from "./qr.js";

const box = document.querySelector("[data-scan]");
const form = document.querySelector("[data-scan-form]");
const video = box.querySelector("video");
const openButton = box.querySelector("[data-open]");
const closeButton = box.querySelector("[data-close]");
let closeCamera = null;

openButton.addEventListener("click", start);
closeButton.addEventListener("click", stop);
box.querySelector("input[type=file]").addEventListener("change", look);
document.addEventListener("visibilitychange", () => document.hidden && stop());
startIfAllowedBefore();

async function start() {
  openButton.disabled = true;
  try {
    closeCamera = await openCamera(video, send);
    showCamera(true);
    say(box.dataset.looking);
  } catch (error) {
    stop();
    say(cameraTrouble(error));
  } finally {
    openButton.disabled = false;
  }
}

function stop() {
  closeCamera?.();
  closeCamera = null;
  showCamera(false);
}

function showCamera(on) {
  video.hidden = !on;
  openButton.hidden = on;
  closeButton.hidden = !on;
}

async function look(event) {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  say("正在看这张图…");
  const text = await readPicture(file).catch(() => null);
  if (text) send(text);
  else say("这张图里没有找到二维码。请靠近些、对正了再拍一张，或者输入码上的文字。");
}

function send(text) {
  stop();
  const asks = form.dataset.scanAsks;
  const field = form.querySelector("[data-scanned]") ?? form.elements.text;
  field.value = text;
  say(asks ?? "读到了，正在打开…");
  if (asks) form.querySelector("[type=submit]").focus();
  else form.requestSubmit();
}

// Nobody is asked for the camera by surprise: only who said yes before finds it open.
async function startIfAllowedBefore() {
  const permission = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
  if (permission?.state === "granted") start();
}

function say(sentence) {
  box.querySelector("[data-say]").textContent = sentence;
}
