// The sheet to draw on: black ink on white paper, whatever the page's colours; CSS inverts it for the dark.

import { element, find, toBlob } from "./elements.js";

const WIDTH = 560; // pixels of the sheet; its height follows its form on the screen
const SENT = 400; // pixels, the width of the picture that is sent: less to look at, and enough for several digits
const BRUSH = 1 / 32; // width of a stroke, of the sheet's height: thin enough for several digits

export class Sheet {
  #canvas = find(".sheet");
  #brush = this.#canvas.getContext("2d");
  #strokes = []; // each a list of points, [x, y] in shares of the sheet's width
  #drawing = false;
  #onChange;

  constructor(onChange) {
    this.#onChange = onChange;
    this.#canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    this.#canvas.addEventListener("pointermove", (event) => this.#go(event));
    this.#canvas.addEventListener("lostpointercapture", () => (this.#drawing = false));
    new ResizeObserver(() => this.#fit()).observe(this.#canvas);
    this.#fit();
  }

  get isBlank() {
    return !this.#strokes.length;
  }

  clear() {
    this.#drawing = false;
    this.#strokes = [];
    this.#redraw();
  }

  undo() {
    if (this.#drawing) return;
    this.#strokes.pop();
    this.#redraw();
    this.#onChange();
  }

  picture() {
    const { width, height } = this.#canvas;
    const picture = element("canvas", { width: SENT, height: Math.round((SENT * height) / width) });
    picture.getContext("2d").drawImage(this.#canvas, 0, 0, picture.width, picture.height);
    return toBlob(picture);
  }

  #begin(event) {
    if (event.button !== 0 || this.#drawing) return;
    this.#drawing = true;
    this.#canvas.setPointerCapture(event.pointerId);
    this.#strokes.push([]);
    this.#extend([event]);
  }

  #go(event) {
    if (!this.#drawing || !this.#canvas.hasPointerCapture(event.pointerId)) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    this.#extend(moves.length ? moves : [event]);
  }

  #extend(events) {
    const box = this.#canvas.getBoundingClientRect();
    const stroke = this.#strokes.at(-1);
    for (const { clientX, clientY } of events) {
      stroke.push([(clientX - box.left) / box.width, (clientY - box.top) / box.width]);
      this.#line(stroke.slice(-2));
    }
    this.#onChange();
  }

  #line(points) {
    const { width, height } = this.#canvas;
    const [[x, y], ...others] = points.map((point) => point.map((share) => share * width));
    Object.assign(this.#brush, { lineWidth: BRUSH * height, lineCap: "round", lineJoin: "round" });
    this.#brush.beginPath();
    this.#brush.moveTo(x, y);
    this.#brush.lineTo(x, y); // a dot
    others.forEach((point) => this.#brush.lineTo(...point));
    this.#brush.stroke();
  }

  #redraw() {
    const { width, height } = this.#canvas;
    this.#brush.fillStyle = "white";
    this.#brush.fillRect(0, 0, width, height);
    this.#strokes.forEach((stroke) => this.#line(stroke));
  }

  #fit() {
    const { clientWidth, clientHeight } = this.#canvas;
    if (!clientWidth) return; // hidden
    const height = Math.round((WIDTH * clientHeight) / clientWidth);
    if (this.#canvas.width === WIDTH && this.#canvas.height === height) return;
    Object.assign(this.#canvas, { width: WIDTH, height });
    this.#redraw();
  }
}
