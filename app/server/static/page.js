// The page: what is on the stage (a sheet, a picture or the camera), and what is read from it.

import { Asker } from "./asking.js";
import { Camera } from "./camera.js";
import { Corrections } from "./corrections.js";
import { find } from "./elements.js";
import { onPicture, showPicture } from "./pictures.js";
import { show, showHint } from "./reading.js";
import { Sheet } from "./sheet.js";

const HINTS = {
  draw: "Draw a digit or a number.",
  picture: "Reading the picture…",
  camera: "Hold a digit to the camera.",
};
let mode = "draw";
let mostBytes = Infinity;
let lastFrame = null; // or picture or drawing, that was read

const corrections = new Corrections();
const camera = new Camera();
const asker = new Asker((answer, picture) => {
  show(answer);
  lastFrame = picture;
  corrections.of(mode === "camera" ? null : picture); // a moving picture is stopped first
  if (answer.size) find(".unseen").style.aspectRatio = `${answer.size[0]} / ${answer.size[1]}`;
});
const sheet = new Sheet(() => (sheet.isBlank ? start("draw") : asker.ask(() => sheet.picture())));

// Empties the stage for another mode, or for the same one again.
function start(next) {
  mode = next;
  camera.stop();
  asker.forget();
  sheet.clear();
  lastFrame = null;
  corrections.of(null);
  showHint(HINTS[mode]);
  find("main").dataset.mode = mode;
  for (const name of ["draw", "picture", "camera"]) find(`.to-${name}`).setAttribute("aria-pressed", name === mode);
  find(".sheet").hidden = mode !== "draw";
  find(".picture").hidden = find(".unseen").hidden = true;
  find(".camera").hidden = find(".stop").hidden = mode !== "camera";
  find(".undo").hidden = mode !== "draw";
}

async function read(file) {
  start("picture");
  showPicture(file);
  if (file.size > mostBytes) show({ error: `too large: more than ${mostBytes / 1e6} MB` });
  else await asker.ask(async () => file);
}

async function film() {
  start("camera");
  try {
    await camera.start((frame) => asker.ask(frame));
  } catch (error) {
    if (mode !== "camera") return;
    start("draw");
    show({ error: error.message });
  }
}

// The last frame that was read stays, with its boxes.
function stop() {
  if (!lastFrame) return start("draw");
  read(lastFrame);
}

find(".to-draw").addEventListener("click", () => start("draw"));
find(".to-camera").addEventListener("click", film);
find(".clear").addEventListener("click", () => start("draw"));
find(".undo").addEventListener("click", () => sheet.undo());
find(".stop").addEventListener("click", stop);
onPicture(read);

document.addEventListener("keydown", (event) => {
  if (event.target.matches("select, input")) return;
  if (["Delete", "Escape"].includes(event.key)) start("draw");
  if (event.key === "z" && mode === "draw" && (event.ctrlKey || event.metaKey)) sheet.undo();
});

start("draw");
const health = await fetch("health").then((response) => response.json(), () => ({}));
if (health.most_bytes) mostBytes = health.most_bytes;
if (health.keep) corrections.enable();
