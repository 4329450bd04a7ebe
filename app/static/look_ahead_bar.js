// @ts-check
/** The line that says how far a model has looked ahead: there while it looks, where it failed, and where it is needed. */

import { wordButton } from "./buttons.js";
import { html, setAttributes, setText } from "./elements.js";
import { icon } from "./icons.js";
import { lookWords, orderWords } from "./look_ahead.js";

export class LookAheadBar {
  /** Whether the images are shown in an order that only a look can give. */
  #ordering = false;

  /** @param {import("./look_ahead.js").LookAheadFeed} feed */
  constructor(feed) {
    this.feed = feed;
    this.words = html("span", { class: "st-look-words" });
    this.bar = html("progress", { class: "st-progress", "aria-label": "Images looked at" });
    this.stop = wordButton("Stop", () => feed.stop(), { small: true });
    this.again = wordButton("Try again", () => feed.begin(), { small: true });
    this.begin = wordButton("Look at the images", () => feed.begin(), { small: true });
    this.node = html("div", { class: "st-look-bar", hidden: true }, icon("spark"), this.words, this.bar, this.stop, this.again, this.begin);
    feed.addEventListener("change", () => this.draw());
    this.draw();
  }

  /** @param {boolean} ordering whether the most useful images come first now */
  order(ordering) {
    if (ordering === this.#ordering) return;
    this.#ordering = ordering;
    this.draw();
  }

  draw() {
    const { look } = this.feed;
    const course = lookWords(look);
    const words = course || (this.#ordering ? orderWords(look) : "");
    this.node.hidden = words === "";
    if (look === null || words === "") return;
    const working = look.state === "working";
    // Read out once, not image by image.
    setAttributes(this.words, { role: working ? null : "status", title: words });
    setText(this.words, words);
    this.node.classList.toggle("st-failed", look.state === "failed");
    this.bar.hidden = this.stop.hidden = !working;
    this.again.hidden = look.state !== "failed";
    this.begin.hidden = course !== "" || look.model === null || look.total === 0;
    this.bar.max = Math.max(1, look.total);
    this.bar.value = look.done;
  }
}

