// @ts-check
/**
 * Small modal dialogs on the browser's own <dialog>: what is behind cannot be reached, Escape and a click outside
 * close, and focus returns to where it was.
 */

import { messageOf } from "./api.js";
import { iconButton } from "./buttons.js";
import { html, setText } from "./elements.js";

/**
 * @typedef {object} DialogAction
 * @property {string} label
 * @property {boolean} [primary]
 * @property {boolean} [danger]
 * @property {boolean} [disabled] at first
 * @property {() => Promise<boolean | void> | boolean | void} run false keeps the dialog open; what it throws is shown in it
 *
 * @typedef {object} OpenDialog
 * @property {() => void} close
 * @property {HTMLDialogElement} node
 * @property {HTMLButtonElement[]} buttons one for each action
 * @property {(message: string) => void} complain show a problem above the buttons; "" takes it away
 */

let count = 0;

/**
 * Open a dialog. Enter in a text field runs the first action that is primary or dangerous.
 * @param {object} options
 * @param {string} options.title
 * @param {Node[]} options.body
 * @param {DialogAction[]} [options.actions] from left to right, after the button that only closes
 * @param {() => void} [options.onClose] called once, however the dialog was closed
 * @param {string | null} [options.dismiss] the words of the button that only closes; null for none
 * @param {boolean} [options.wide]
 * @returns {OpenDialog}
 */
export function openDialog({ title, body, actions = [], onClose, dismiss = actions.length > 0 ? "Cancel" : "Close", wide = false }) {
  const id = `st-dialog-${(count += 1)}`;
  const before = document.activeElement;
  const problem = html("p", { class: "st-problem", role: "alert", hidden: true });
  const content = html("div", { class: "st-dialog-body" }, ...body);
  const buttons = actions.map(({ label, primary, danger, disabled, run }) => {
    const looks = [primary && "st-primary", danger && "st-danger"].filter(Boolean);
    const button = html(
      "button",
      { type: "button", class: ["st-button", ...looks].join(" "), disabled, onclick: () => act(button, run) },
      html("span", {}, label),
    );
    return button;
  });
  const leave = dismiss === null ? null : html("button", { type: "button", class: "st-button", onclick: close }, html("span", {}, dismiss));
  const node = html(
    "dialog",
    { class: wide ? "studio st-dialog st-wide" : "studio st-dialog", "aria-labelledby": id },
    html("header", { class: "st-dialog-head" }, html("h2", { id, dir: "auto" }, title), iconButton("close", "Close", close)),
    content,
    problem,
    leave || buttons.length > 0 ? html("footer", { class: "st-dialog-foot" }, leave, ...buttons) : null,
  );

  function close() {
    if (node.open) node.close();
  }

  /** @param {string} message */
  function complain(message) {
    setText(problem, message);
    problem.hidden = message === "";
  }

  /** @param {HTMLButtonElement} pressed @param {DialogAction["run"]} run */
  async function act(pressed, run) {
    const waiting = buttons.map((button) => button.disabled);
    complain("");
    buttons.forEach((button) => (button.disabled = true));
    pressed.setAttribute("aria-busy", "true");
    let stay = false;
    try {
      stay = (await run()) === false;
    } catch (error) {
      stay = true;
      complain(messageOf(error));
    }
    pressed.removeAttribute("aria-busy");
    buttons.forEach((button, index) => (button.disabled = waiting[index]));
    if (!stay) close();
  }

  const main = buttons.find((_, index) => actions[index].primary || actions[index].danger);
  node.addEventListener("keydown", (event) => {
    event.stopPropagation(); // the screen behind has keys of its own
    const { target } = event;
    if (event.key !== "Enter" || event.isComposing || event.defaultPrevented) return;
    if (!(target instanceof HTMLInputElement) || /^(checkbox|radio|color|file|button)$/.test(target.type) || target.form) return;
    event.preventDefault();
    main?.click();
  });
  node.addEventListener("keyup", (event) => event.stopPropagation());
  // A press that begins inside and ends outside, as when text is selected, closes nothing.
  let pressedOutside = false;
  node.addEventListener("pointerdown", (event) => (pressedOutside = isOutside(node, event)));
  node.addEventListener("click", (event) => pressedOutside && isOutside(node, event) && close());
  node.addEventListener("close", () => {
    node.remove();
    // The browser gives focus back by itself, unless what had it was drawn anew meanwhile.
    if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    onClose?.();
  });

  document.body.append(node);
  node.showModal();
  firstField(content, leave ?? main)?.focus();
  return { close, node, buttons, complain };
}

/** @param {HTMLDialogElement} node @param {MouseEvent} event */
function isOutside(node, { target, clientX, clientY }) {
  if (target !== node) return false;
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}

/** @param {HTMLElement} content @param {HTMLElement | undefined} otherwise @returns {HTMLElement | undefined} */
function firstField(content, otherwise) {
  const fields = "[autofocus], input:not([type=hidden], :disabled), select:not(:disabled), textarea:not(:disabled)";
  return /** @type {HTMLElement | null} */ (content.querySelector(fields)) ?? otherwise;
}

/**
 * Ask before doing something; true for yes.
 * @param {object} options
 * @param {string} options.title
 * @param {string | string[]} options.text a paragraph, or several
 * @param {string} options.label what the button does, as a verb
 * @param {boolean} [options.danger] for what cannot be taken back
 * @param {string} [options.typed] what must be typed, to the letter, before the button can be pressed
 * @param {() => Promise<void>} [options.run] done before the dialog closes; what it throws is shown in it
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, text, label, danger = false, typed, run }) {
  return new Promise((resolve) => {
    let sure = false;
    /** @type {Node[]} */
    const body = [text].flat().map((paragraph) => html("p", { dir: "auto" }, paragraph));
    const field = html("input", { type: "text", class: "st-input", dir: "auto", autocomplete: "off", spellcheck: "false" });
    if (typed !== undefined) body.push(typedField(field, typed));
    const { buttons } = openDialog({
      title,
      body,
      actions: [
        {
          label,
          danger,
          primary: !danger,
          disabled: typed !== undefined,
          run: async () => {
            await run?.();
            sure = true;
          },
        },
      ],
      onClose: () => resolve(sure),
    });
    field.addEventListener("input", () => (buttons[0].disabled = field.value !== typed));
  });
}

/** @param {HTMLInputElement} field @param {string} typed */
function typedField(field, typed) {
  const name = html("bdi", { class: "st-typed-name" }, typed);
  return html("label", { class: "st-dialog-field" }, html("span", {}, "Type ", name, " to confirm:"), field);
}

/**
 * Ask for a name; null if the dialog was left without one.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.label what the field is called
 * @param {string} options.action what the button does, as a verb
 * @param {string} [options.text]
 * @param {string} [options.value] what the field holds at first
 * @param {number} [options.longest] characters
 * @param {(name: string) => Promise<void>} [options.run] done before the dialog closes; what it throws is shown in it
 * @returns {Promise<string | null>}
 */
export function promptDialog({ title, label, action, text, value = "", longest = 200, run }) {
  return new Promise((resolve) => {
    /** @type {string | null} */
    let name = null;
    const field = html("input", { type: "text", class: "st-input", dir: "auto", maxlength: longest, autocomplete: "off", spellcheck: "false" });
    field.value = value;
    const { buttons, complain } = openDialog({
      title,
      body: [...(text ? [html("p", {}, text)] : []), html("label", { class: "st-dialog-field" }, html("span", {}, label), field)],
      actions: [
        {
          label: action,
          primary: true,
          disabled: value.trim() === "",
          run: async () => {
            const typed = field.value.trim();
            await run?.(typed);
            name = typed;
          },
        },
      ],
      onClose: () => resolve(name),
    });
    field.addEventListener("input", () => {
      complain("");
      buttons[0].disabled = field.value.trim() === "";
    });
    field.select();
  });
}
