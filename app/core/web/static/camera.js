/* The camera of the counter: opened and shut by one button, and shut by what it has read. */
import { cameraTrouble, openCamera } from "./qr.js";

let close = null;

export function shut() {
  close?.();
  close = null;
}

export async function toggle(viewer, read, say) {
  viewer.hidden = Boolean(close);
  if (close) return shut();
  try {
    close = await openCamera(viewer.querySelector("video"), (text) => {
      close = null;
      viewer.hidden = true;
      read(text);
    });
  } catch (error) {
    viewer.hidden = true;
    say(cameraTrouble(error));
  }
}
