// "Not right? It is a …": sends the picture with its true digit to be kept, if the server keeps any.

import { post } from "./asking.js";
import { element, find } from "./elements.js";
import { selectedDigit } from "./reading.js";

export class Corrections {
  #on = false;
  #picture = null; // what the shown answer is of

  constructor() {
    find(".truth").append(...Array.from({ length: 10 }, (_, digit) => element("option", { textContent: digit })));
    find(".reading").addEventListener("digit", () => this.#offer());
    find(".correction").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#keep();
    });
  }

  enable() {
    this.#on = true;
    this.#offer();
  }

  of(picture) {
    this.#picture = picture;
    this.#offer();
  }

  #offer() {
    const { digit } = selectedDigit();
    find(".correction").hidden = !(this.#on && this.#picture && digit !== undefined);
    find(".truth").value = digit;
    find(".kept").textContent = "";
  }

  async #keep() {
    const { box, alone } = selectedDigit();
    const digit = Number(find(".truth").value);
    const image = await dataUrl(this.#picture);
    const body = JSON.stringify({ image, digit, box: alone ? null : box });
    const { error, path } = await post("keep", { body, headers: { "Content-Type": "application/json" } });
    find(".kept").textContent = error ?? `Kept as ${path}.`;
  }
}

function dataUrl(blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onloadend = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}
