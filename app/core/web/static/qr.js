/* Reading QR codes: from the camera, or from a picture. */
const LONGEST_SIDES = [960, 1600, 480]; // jsQR misses some codes at one size and finds them at another
const EVERY_MS = 120;

export async function openCamera(video, found) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no camera here", "NotFoundError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
  });
  video.srcObject = stream;
  await video.play();
  const timer = setInterval(() => {
    const text = video.videoWidth ? read(video, video.videoWidth, video.videoHeight, 640) : null;
    if (text) {
      close();
      found(text);
    }
  }, EVERY_MS);
  function close() {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
  return close;
}

export function cameraTrouble(error) {
  if (!isSecureContext) return "这个网址不是 https 开头，浏览器不让用相机。可以拍照或选图，也可以输入码上的文字。";
  if (error.name === "NotAllowedError") return "没有得到相机许可。可以拍照或选图，也可以输入码上的文字。";
  if (error.name === "NotReadableError") return "相机正被别的程序占用。请关掉它再试，或者拍照、输入码上的文字。";
  return "这里用不了相机。可以拍照或选图，也可以输入码上的文字。";
}

export async function readPicture(file) {
  const picture = await load(file);
  for (const longest of LONGEST_SIDES) {
    const text = read(picture, picture.width, picture.height, longest);
    if (text) return text;
  }
  return null;
}

function read(source, width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  return globalThis.jsQR(pixels.data, pixels.width, pixels.height)?.data || null;
}

function load(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    reader.onload = () => {
      const picture = new Image();
      picture.onload = () => resolve(picture);
      picture.onerror = () => reject(new Error("not a picture"));
      picture.src = reader.result;
    };
    reader.readAsDataURL(file);
  });
}
