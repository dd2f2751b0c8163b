// Asks the server what is in a picture: one request at a time, and then only for the newest picture.

const SECONDS = 30;
const NO_ANSWER = "The server does not answer: is python -m app.draw still running?";

export class Asker {
  #show; // called with an answer, or { error }, and the picture that it is of
  #next = null; // a function that returns the picture to ask about, a Blob
  #asking = false;
  #forgotten = 0; // how often: an answer from before is not shown

  constructor(show) {
    this.#show = show;
  }

  async ask(picture) {
    this.#next = picture;
    if (this.#asking) return;
    this.#asking = true;
    busy(true);
    while (this.#next) {
      const [current, epoch] = [this.#next, this.#forgotten];
      this.#next = null;
      const blob = await current();
      const answer = blob && (await answerTo(blob));
      if (blob && epoch === this.#forgotten) this.#show(answer, blob);
    }
    this.#asking = false;
    busy(false);
  }

  forget() {
    this.#forgotten += 1;
    this.#next = null;
  }
}

function busy(is) {
  document.querySelector(".reading").setAttribute("aria-busy", String(is));
}

function answerTo(blob) {
  const body = new FormData();
  body.append("file", blob);
  return post("predict?lenient=true", { body });
}

// Returns the answer, or { error } with what to tell the visitor.
export async function post(path, options) {
  try {
    const response = await fetch(path, { method: "POST", signal: AbortSignal.timeout(SECONDS * 1000), ...options });
    const answer = await response.json().catch(() => ({}));
    return response.ok ? answer : { error: answer.detail ?? `The server reports an error (${response.status}).` };
  } catch {
    return { error: NO_ANSWER };
  }
}
