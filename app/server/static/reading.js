// Shows what was read: the number, its boxes over the picture, and one digit's probabilities.

import { element, find } from "./elements.js";

const LEAST_SHARE = 0.005; // a bar for less would not be visible
const LABEL = 0.08; // of the picture's height: what a label above a box needs
const QUIET = 700; // milliseconds without a change before a screen reader hears of it

let digits = []; // of the answer that is shown
let selected = 0;
let announcing;

const bars = Array.from({ length: 10 }, (_, digit) => {
  const bar = element("li", {}, [element("b", { textContent: digit }), element("span", {}, [element("i")]), element("em")]);
  find(".probabilities").append(bar);
  return bar;
});

export function showHint(hint) {
  show({ hint });
  selected = 0;
}

export function show({ number = "", probability, doubt, error, hint, digits: found = [], size }) {
  digits = found;
  if (selected >= digits.length) selected = 0;
  find(".reading").dataset.state = error ? "error" : !number ? "blank" : doubt ? "unsure" : "sure";
  showNumber(number);
  showBoxes(size);
  showDigit();
  const says = hint ?? sentence(error ?? doubt ?? `this is ${article(number)}${number}`);
  find(".says").replaceChildren(says, ...(number ? [element("span", { textContent: percent(probability) })] : []));
  announce(number ? `${says}, ${spoken(probability)}` : says);
}

export const selectedDigit = () => ({ ...digits[selected], alone: digits.length === 1 });

const sentence = (text) => text[0].toUpperCase() + text.slice(1);
const percent = (share) => (share > 0.999 ? "> 99.9 %" : `${(share * 100).toFixed(1)} %`);
const spoken = (share) => `${Math.min(99, Math.floor(share * 100))} percent`;
const article = (number) => (number.length > 1 ? "" : number === "8" ? "an " : "a ");

function announce(text) {
  clearTimeout(announcing);
  announcing = setTimeout(() => {
    if (find(".announced").textContent !== text) find(".announced").textContent = text;
  }, QUIET);
}

// --- The number: a button for each digit, which stays while it can, so that it keeps the focus ---

function showNumber(number) {
  const row = find(".number");
  const buttons = [...row.querySelectorAll("button")];
  while (buttons.length < digits.length) buttons.push(button(buttons.length));
  buttons.splice(digits.length).forEach((left) => left.remove());
  row.querySelectorAll("br").forEach((end) => end.remove());
  row.classList.toggle("long", number.length > 4);
  let i = 0;
  for (const character of number) {
    if (character === " ") buttons[i]?.before(element("br"));
    else if (buttons[i]) {
      if (!buttons[i].isConnected) row.append(buttons[i]);
      buttons[i].textContent = character;
      buttons[i].setAttribute("aria-label", `${character}, ${spoken(digits[i].probability)}`);
      i += 1;
    }
  }
}

function button(index) {
  const made = element("button", { type: "button", onfocus: () => select(index), onclick: () => select(index) });
  find(".number").append(made);
  return made;
}

function select(index) {
  selected = index;
  showDigit();
}

// --- The boxes, in shares of the picture ---

function showBoxes(size) {
  const share = (length, whole) => `${(length / whole) * 100}%`;
  const boxes = digits.map(({ box: [left, top, width, height], digit }, i) => {
    const box = element("div", { onclick: () => select(i) }, [element("b", { textContent: digit })]);
    box.classList.toggle("at-top", top < LABEL * size[1]);
    Object.assign(box.style, { left: share(left, size[0]), width: share(width, size[0]) });
    Object.assign(box.style, { top: share(top, size[1]), height: share(height, size[1]) });
    return box;
  });
  find(".boxes").replaceChildren(...boxes);
}

// --- The selected digit ---

function showDigit() {
  const digit = digits[selected];
  find(".digit").hidden = !digit;
  for (const marked of [find(".number").querySelectorAll("button"), find(".boxes").children])
    [...marked].forEach((each, i) => each.classList.toggle("selected", i === selected));
  find(".number").querySelectorAll("button").forEach((each, i) => each.setAttribute("aria-pressed", i === selected));
  if (!digit) return;
  find(".seen").src = digit.pixels;
  find(".seen").alt = `the ${digit.digit} in 28 x 28 pixels`;
  bars.forEach((bar, value) => {
    const share = digit.probabilities[value];
    bar.querySelector("i").style.width = share < LEAST_SHARE ? 0 : `${share * 100}%`;
    bar.querySelector("em").textContent = percent(share);
    bar.classList.toggle("most-likely", value === digit.digit);
  });
  find(".reading").dispatchEvent(new Event("digit"));
}
