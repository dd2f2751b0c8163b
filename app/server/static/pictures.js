// Pictures that are chosen, dropped or pasted.

import { find } from "./elements.js";

export function onPicture(take) {
  const input = find("input[type=file]");
  find(".to-picture").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    if (input.files[0]) take(input.files[0]);
    input.value = ""; // so that the same file can be chosen again
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) take(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData.files[0];
    if (!file) return;
    event.preventDefault();
    take(file);
  });
}

// Shows a picture in the frame; some formats that the server reads are none of the browser's.
export async function showPicture(blob) {
  const picture = find(".picture");
  URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(blob);
  const shown = await picture.decode().then(() => true, () => false);
  picture.hidden = !shown;
  find(".unseen").hidden = shown;
}
