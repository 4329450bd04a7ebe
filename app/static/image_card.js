// @ts-check
/** One photograph in the grid: its thumbnail, what is known of it, and its deletion in two steps. */

import { api, messageOf } from "./api.js";
import { iconButton, wordButton } from "./buttons.js";
import { html } from "./elements.js";
import { pictureUrl } from "./pictures.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").ImageRecord} ImageRecord */

/**
 * Words for what is known of an image.
 * @param {Pick<ImageRecord, "status" | "boxes">} image
 * @returns {string}
 */
export function statusWords({ status, boxes }) {
  if (status === "empty") return "No objects";
  if (status === "unlabelled") return "Unlabelled";
  return boxes === 1 ? "1 box" : `${boxes ?? 0} boxes`;
}

/**
 * Make the card.
 * @param {ImageRecord} image
 * @param {{onOpen: () => void, onDeleted: () => void}} actions
 * @returns {HTMLElement}
 */
export function imageCard(image, { onOpen, onDeleted }) {
  const picture = html("img", { src: pictureUrl(image, "thumbnail"), alt: "", loading: "lazy", decoding: "async", draggable: "false" });
  const words = statusWords(image);
  const open = html(
    "button",
    { type: "button", class: "st-card-open", "aria-label": `Label ${image.name}: ${words}`, onclick: onOpen },
    picture,
  );
  const ask = iconButton("trash", `Delete ${image.name}`, () => question.replaceChildren(...sure()));
  const question = html("div", { class: "st-card-question" });
  const card = html(
    "li",
    { class: "st-card", "data-image-id": image.id },
    html("div", { class: "st-card-picture" }, open, ask, question),
    html(
      "div",
      { class: "st-card-foot" },
      html("span", { class: "st-name", title: image.name }, image.name),
      html("span", { class: "st-status", "data-status": image.status }, words),
    ),
  );

  function sure() {
    const keep = wordButton("Keep", () => (question.replaceChildren(), ask.focus()), { small: true });
    const sentence = image.boxes ? "Delete this image and its boxes?" : "Delete this image?";
    queueMicrotask(() => keep.focus());
    return [
      html("p", {}, sentence),
      html("div", { class: "st-actions" }, wordButton("Delete", remove, { small: true, danger: true }), keep),
    ];
  }

  async function remove() {
    try {
      await api("DELETE", `images/${image.id}`);
      card.remove();
      onDeleted();
    } catch (error) {
      question.replaceChildren();
      toast(messageOf(error), { kind: "error" });
    }
  }
  return card;
}
