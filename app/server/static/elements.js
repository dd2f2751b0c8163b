// Short names for what every part of the page does with the document.

export const find = (selector) => document.querySelector(selector);

export function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// Not canvas.toBlob: Chromium encodes that when it is idle, which may be half a second later.
export function toBlob(canvas, type = "image/png") {
  const bytes = atob(canvas.toDataURL(type).split(",")[1]);
  return new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))], { type });
}
