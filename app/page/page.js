// The page's behaviour: the body of a function that Gradio calls with the page's `element`. `mostBytes` stands before.
const BRUSH = 1 / 14; // of the canvas' side: as wide against a digit as MNIST's strokes
const WIDEST_GUESS = 0.005; // a bar shorter than this is not seen

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

function show({ probabilities, likeliest, sure, pixels, error, hint }) {
  find(".digit").textContent = probabilities ? likeliest[0] : "";
  find(".reading").dataset.state = probabilities ? (sure ? "sure" : "unsure") : hint ? "blank" : "error";
  find(".says").textContent =
    hint ?? error ?? (sure ? `This is a ${likeliest[0]}.` : `Unsure: ${likeliest[0]} or ${likeliest[1]}?`);
  find("figure").hidden = !pixels;
  if (pixels) find(".seen").src = pixels;
  bars.forEach((bar, digit) => {
    const share = probabilities?.[digit] ?? 0;
    bar.querySelector("i").style.width = share < WIDEST_GUESS ? 0 : `${share * 100}%`;
    bar.querySelector("em").textContent = probabilities ? `${(share * 100).toFixed(1)} %` : "";
    bar.classList.toggle("likeliest", digit === likeliest?.[0]);
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
  while (next) {
    const [current, epoch] = [next, cleared];
    next = null;
    const answer = await answerTo(await current());
    if (epoch === cleared) show(answer);
  }
  asking = false;
}

async function answerTo(image) {
  try {
    const response = await fetch(new URL("gradio_api/run/recognise", document.baseURI), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ data: [image] }),
    });
    return response.ok ? (await response.json()).data[0] : { error: `The server said ${response.status}.` };
  } catch {
    return { error: "The server does not answer: is python -m app.draw still running?" };
  }
}

// --- Drawing ---

let uploaded = false; // is what the canvas shows an upload?
let last = null; // the point where the stroke is, [x, y] in the canvas' pixels

function wipe() {
  brush.clearRect(0, 0, side, side);
  uploaded = false;
}

function clear() {
  wipe();
  cleared += 1;
  next = null;
  showBlank();
}

function lineTo(event) {
  const box = canvas.getBoundingClientRect();
  const point = [((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side];
  brush.beginPath();
  brush.moveTo(...(last ?? point));
  brush.lineTo(...point);
  brush.stroke();
  last = point;
}

canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || last) return;
  if (uploaded) clear();
  canvas.setPointerCapture(event.pointerId);
  Object.assign(brush, { lineWidth: BRUSH * side, lineCap: "round", lineJoin: "round" });
  brush.strokeStyle = getComputedStyle(canvas).color;
  lineTo(event);
  ask(() => canvas.toDataURL());
});

canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const moves = event.getCoalescedEvents?.() ?? [];
  (moves.length ? moves : [event]).forEach(lineTo);
  ask(() => canvas.toDataURL());
});

canvas.addEventListener("lostpointercapture", () => (last = null));
find(".clear").addEventListener("click", clear);

// --- Uploads ---

async function upload(file) {
  if (!file) return;
  clear();
  uploaded = true;
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
