// The page's behaviour: the body of a function that Gradio calls with the page's `element`. `mostBytes` is defined before.

const BRUSH = 1 / 14; // width of a stroke on the canvas, of the canvas' side
// What is sent is the strokes redrawn, so that a digit of any size has strokes as wide as MNIST's: PEN against
// BOX + PEN, the longer side of the ink, is 2.5 pixels of 20. All in pixels.
const PICTURE = 200;
const BOX = 140;
const PEN = 20;
const LEAST_SHARE = 0.005; // a bar for less would not be seen

const find = (selector) => element.querySelector(selector);
const canvas = find("canvas");
const brush = canvas.getContext("2d");
const side = canvas.width;

// --- What the network says ---

const bars = Array.from({ length: 10 }, (_, digit) => {
  const bar = document.createElement("li");
  bar.innerHTML = `<b>${digit}</b><span><i></i></span><em></em>`;
  find(".probabilities").append(bar);
  return bar;
});

function show({ probabilities, most_likely: mostLikely, sure, pixels, error, hint }) {
  find(".digit").textContent = probabilities ? mostLikely[0] : "";
  find(".reading").dataset.state = probabilities ? (sure ? "sure" : "unsure") : hint ? "blank" : "error";
  find(".says").textContent =
    hint ?? error ?? (sure ? `This is a ${mostLikely[0]}.` : `Unsure: ${mostLikely[0]} or ${mostLikely[1]}?`);
  find("figure").hidden = !pixels;
  if (pixels) find(".seen").src = pixels;
  bars.forEach((bar, digit) => {
    const share = probabilities?.[digit] ?? 0;
    bar.querySelector("i").style.width = share < LEAST_SHARE ? 0 : `${share * 100}%`;
    bar.querySelector("em").textContent = probabilities ? `${(share * 100).toFixed(1)} %` : "";
    bar.classList.toggle("most-likely", digit === mostLikely?.[0]);
  });
}

const showBlank = () => show({ hint: "Draw a digit, as large as you like." });

// --- Asking it: one request at a time, and then only for what is newest ---

let next = null; // a function that returns the image to ask about, as a data URL
let asking = false;
let cleared = 0; // how often: an answer from before is not shown

async function ask(image) {
  next = image;
  if (asking) return;
  asking = true;
  find(".reading").setAttribute("aria-busy", "true");
  while (next) {
    const [current, epoch] = [next, cleared];
    next = null;
    const answer = await answerTo(await current());
    if (epoch === cleared) show(answer);
  }
  asking = false;
  find(".reading").setAttribute("aria-busy", "false");
}

async function answerTo(image) {
  try {
    const response = await fetch(new URL("gradio_api/run/recognise", document.baseURI), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ data: [image] }),
      signal: AbortSignal.timeout(30_000),
    });
    return response.ok ? (await response.json()).data[0] : { error: `The server said ${response.status}.` };
  } catch {
    return { error: "The server does not answer: is python -m app.draw still running?" };
  }
}

// --- Drawing ---

let strokes = []; // each a list of points, [x, y] in the canvas' pixels
let drawing = false;

function clear() {
  brush.clearRect(0, 0, side, side);
  strokes = [];
  cleared += 1;
  next = null;
  showBlank();
}

function lineTo(event) {
  const box = canvas.getBoundingClientRect();
  const stroke = strokes.at(-1);
  stroke.push([((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side]);
  draw(brush, stroke.slice(-2), BRUSH * side, getComputedStyle(canvas).color);
}

function draw(context, points, lineWidth, strokeStyle) {
  Object.assign(context, { lineWidth, strokeStyle, lineCap: "round", lineJoin: "round" });
  context.beginPath();
  context.moveTo(...points[0]);
  points.forEach((point) => context.lineTo(...point));
  context.stroke();
}

function picture() {
  const [xs, ys] = [0, 1].map((axis) => strokes.flat().map((point) => point[axis]));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = BOX / Math.max(right - left, bottom - top, 2 * BRUSH * side); // a dot stays a dot
  const sheet = Object.assign(document.createElement("canvas"), { width: PICTURE, height: PICTURE });
  const context = sheet.getContext("2d");
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [
      PICTURE / 2 + scale * (x - (left + right) / 2),
      PICTURE / 2 + scale * (y - (top + bottom) / 2),
    ]);
    draw(context, points, PEN, "black");
  }
  return sheet.toDataURL();
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || drawing) return;
  if (!strokes.length) clear(); // an upload, maybe
  drawing = true;
  canvas.setPointerCapture(event.pointerId);
  strokes.push([]);
  lineTo(event);
  ask(picture);
});

canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  (moves.length ? moves : [event]).forEach(lineTo);
  ask(picture);
});

canvas.addEventListener("lostpointercapture", () => (drawing = false));
find(".clear").addEventListener("click", clear);

// --- Uploads ---

async function upload(file) {
  if (!file) return;
  clear();
  if (file.size > mostBytes) return show({ error: `too large: more than ${mostBytes / 1e6} MB` });
  ask(() => dataUrl(file));
  try {
    const image = await createImageBitmap(file);
    const scale = side / Math.max(image.width, image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    brush.drawImage(image, (side - width) / 2, (side - height) / 2, width, height);
  } catch {} // a format that the browser does not show: the server may read it all the same
}

function dataUrl(file) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });
}

find("input").addEventListener("change", (event) => {
  upload(event.target.files[0]);
  event.target.value = ""; // so that the same file can be chosen again
});
canvas.addEventListener("dragover", (event) => event.preventDefault());
canvas.addEventListener("drop", (event) => {
  event.preventDefault();
  upload(event.dataTransfer.files[0]);
});

showBlank();
