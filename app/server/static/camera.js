// The camera: frame after frame is read, a few times a second, until it is stopped.

import { element, find, toBlob } from "./elements.js";

const SIDE = 640; // pixels: the longer side of a frame that is sent
const PAUSE = 100; // milliseconds from an answer to the next frame

export class Camera {
  #video = find(".camera");
  #stream = null;
  #starts = 0; // a start that was stopped before the camera came is void

  // Calls `ask` with a function that returns the next frame, again and again. Throws an Error that says why it cannot.
  async start(ask) {
    const start = ++this.#starts;
    const stream = await open();
    if (start !== this.#starts) return end(stream);
    this.#stream = this.#video.srcObject = stream;
    await this.#video.play();
    this.#watch(stream, ask);
  }

  stop() {
    this.#starts += 1;
    if (this.#stream) end(this.#stream);
    this.#stream = this.#video.srcObject = null;
  }

  async #watch(stream, ask) {
    while (stream === this.#stream) {
      if (!document.hidden) await ask(() => this.#frame());
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  #frame() {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, SIDE / Math.max(videoWidth, videoHeight));
    const frame = element("canvas", { width: videoWidth * scale, height: videoHeight * scale });
    frame.getContext("2d").drawImage(this.#video, 0, 0, frame.width, frame.height);
    return toBlob(frame, "image/jpeg");
  }
}

async function open() {
  if (!navigator.mediaDevices) throw new Error(INSECURE);
  const video = { facingMode: "environment", width: { ideal: 1280 } };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new Error(REASONS[error.name] ?? `The camera does not start: ${error.message || error.name}`);
  }
}

function end(stream) {
  stream.getTracks().forEach((track) => track.stop());
}

const INSECURE = "A browser gives the camera only to a page on this machine (127.0.0.1) or behind HTTPS";
const REASONS = {
  NotAllowedError: "The camera was refused: allow it in the browser's settings for this page",
  NotFoundError: "There is no camera",
  NotReadableError: "The camera is in use by another program",
};
