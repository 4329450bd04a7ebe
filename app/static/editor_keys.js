// @ts-check
/**
 * Which key does what on the Label screen; pure, so that the list and the doing cannot part.
 *
 * A key is written as a chord: "Ctrl+", "Alt+" and "Shift+" in this order, as far as they are held, then the key's name:
 * a capital letter, a digit, a sign, or the browser's word ("ArrowLeft"). Command on a Mac counts as Ctrl.
 */

/**
 * @typedef {{name: string, index?: number, dx?: number, dy?: number, by?: import("./records.js").Xyxy, direction?: 1 | -1}} Command
 *
 * @typedef {object} Binding
 * @property {string} id stays the same for ever: changed keys are kept under it
 * @property {string} title what the key does, as the list of keys says it
 * @property {string} group
 * @property {string} [row] bindings of one row stand together in the list, under this title
 * @property {readonly string[]} keys the chords it has unless a person changed them
 * @property {"box" | "no box"} [when] acts only while a box is selected, or only while none is
 * @property {boolean} [fixed] cannot be changed
 * @property {boolean} [once] a key that is held does it once
 * @property {Command} command
 */

const GO = "Go through the photographs";
const TOOLS = "Draw and select";
const CLASSES = "Classes";
const SUGGEST = "A model's suggestions";
const CHANGE = "Change the selected box";
const COPY = "Copy";
const SEE = "Look";
const MORE = "More";
const FAST = 10;

/** @type {[string, string, number, number][]} */
const ARROWS = [
  ["ArrowLeft", "left", -1, 0],
  ["ArrowRight", "right", 1, 0],
  ["ArrowUp", "up", 0, -1],
  ["ArrowDown", "down", 0, 1],
];

/**
 * @param {string} group
 * @param {string} name
 * @param {string} title
 * @param {string[]} keys
 * @param {Partial<Binding>} [more]
 * @returns {Binding}
 */
const bind = (group, name, title, keys, more) => ({ id: name, group, title, keys, command: { name }, ...more });

/**
 * Four bindings, one for each arrow.
 * @param {string} id
 * @param {string} row
 * @param {string} modifiers
 * @param {(dx: number, dy: number) => Command} commandFor
 * @returns {Binding[]}
 */
const arrows = (id, row, modifiers, commandFor) =>
  ARROWS.map(([key, way, dx, dy]) => ({
    id: `${id} ${way}`,
    group: CHANGE,
    row,
    title: `${row}: ${way}`,
    keys: [modifiers + key],
    when: /** @type {const} */ ("box"),
    command: commandFor(dx, dy),
  }));

/** @type {readonly Binding[]} every key of the Label screen, in the order of its list */
export const BINDINGS = [
  bind(GO, "next", "Next photograph", ["D"]),
  bind(GO, "previous", "Previous photograph", ["A"]),
  bind(GO, "next", "Next photograph, nothing selected", ["ArrowRight"], { id: "next by arrow", when: "no box" }),
  bind(GO, "previous", "Previous photograph, nothing selected", ["ArrowLeft"], { id: "previous by arrow", when: "no box" }),
  bind(GO, "nextUnlabelled", "Next unlabelled photograph", ["Shift+D"]),
  bind(GO, "jump", "Jump to a photograph", ["J"]),
  bind(GO, "toggleEmpty", "No objects here", ["E"]),
  bind(GO, "toggleAdvance", "Next photograph after each box, or not", ["O"]),
  bind(GO, "toggleFlag", "Flag the photograph", ["G"]),
  bind(GO, "editNote", "Write a note", ["M"]),

  bind(TOOLS, "drawTool", "Draw boxes", ["W"]),
  bind(TOOLS, "selectTool", "Select boxes", ["V"]),
  bind(TOOLS, "newBox", "New box in the middle of the view", ["N"]),
  bind(TOOLS, "cycle", "Select the next box, then the suggestions", ["Tab"], { id: "next box", command: { name: "cycle", direction: 1 } }),
  bind(TOOLS, "cycle", "Select the box before", ["Shift+Tab"], { id: "box before", command: { name: "cycle", direction: -1 } }),
  bind(TOOLS, "cancel", "Cancel, select nothing, or back to the picture", ["Escape"], { fixed: true }),

  ...Array.from({ length: 10 }, (_, index) =>
    bind(CLASSES, "chooseClass", `Class ${index + 1}`, [String((index + 1) % 10)], {
      id: `class ${index + 1}`,
      row: "Class 1 to 10, for the selected box or the next one",
      command: { name: "chooseClass", index },
    }),
  ),
  bind(CLASSES, "searchClass", "Search a class, or add one", ["C", "/"]),

  bind(SUGGEST, "acceptGhosts", "Accept the selected one, or all shown; with none left, next photograph", ["Enter"], { once: true }),
  bind(SUGGEST, "rejectPointed", "Reject the one under the pointer", ["Delete", "Backspace"], { when: "no box" }),
  bind(SUGGEST, "rejectGhosts", "Reject all shown", ["Shift+Delete", "Shift+Backspace"], { once: true }),

  ...arrows("nudge", "Move by 1 pixel", "", (dx, dy) => ({ name: "nudge", dx, dy })),
  ...arrows("nudge far", "Move by 10 pixels", "Shift+", (dx, dy) => ({ name: "nudge", dx: FAST * dx, dy: FAST * dy })),
  ...arrows("stretch", "Move the right or lower side", "Alt+", (dx, dy) => ({ name: "stretch", by: [0, 0, dx, dy] })),
  ...arrows("stretch far", "Move the right or lower side by 10", "Ctrl+", (dx, dy) => ({
    name: "stretch",
    by: [0, 0, FAST * dx, FAST * dy],
  })),
  ...arrows("stretch back", "Move the left or upper side", "Alt+Shift+", (dx, dy) => ({ name: "stretch", by: [dx, dy, 0, 0] })),
  ...arrows("stretch back far", "Move the left or upper side by 10", "Ctrl+Shift+", (dx, dy) => ({
    name: "stretch",
    by: [FAST * dx, FAST * dy, 0, 0],
  })),
  bind(CHANGE, "remove", "Delete, or reject the selected suggestion", ["Delete", "Backspace"], { when: "box" }),
  bind(CHANGE, "toggleLock", "Lock or unlock", ["K"], { when: "box" }),

  bind(COPY, "duplicate", "Duplicate the selected box", ["Ctrl+D"], { when: "box" }),
  bind(COPY, "copy", "Copy the selected box, or all of them", ["Ctrl+C"]),
  bind(COPY, "paste", "Paste, also onto another photograph", ["Ctrl+V"]),
  bind(COPY, "copyPrevious", "Copy the boxes of the previous photograph", ["R"]),

  bind(SEE, "fit", "Fit the photograph", ["F"]),
  bind(SEE, "actualSize", "Actual size, 1:1", ["Shift+F"]),
  bind(SEE, "zoomToBox", "Zoom to the selected box", ["Z"], { when: "box" }),
  bind(SEE, "zoomIn", "Zoom in", ["+", "="]),
  bind(SEE, "zoomOut", "Zoom out", ["-"]),
  bind(SEE, "hideAll", "Hide or show all boxes", ["H"]),
  bind(SEE, "toggleNames", "Names on boxes", ["L"]),
  bind(SEE, "toggleCrosshair", "Crosshair", ["X"]),

  bind(MORE, "undo", "Undo", ["Ctrl+Z"]),
  bind(MORE, "redo", "Redo", ["Ctrl+Shift+Z", "Ctrl+Y"]),
  bind(MORE, "help", "All keys", ["?"]),
];

/**
 * What a key asks for, or null.
 * @param {Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey"> & {repeat?: boolean}} event
 * @param {boolean} boxSelected
 * @param {(binding: Binding) => readonly string[]} [keysOf] the chords a binding has now
 * @returns {Command | null}
 */
export function commandOf(event, boxSelected, keysOf = ({ keys }) => keys) {
  for (const chord of chordsOf(event)) {
    const found = BINDINGS.find(
      (binding) => (!binding.when || (binding.when === "box") === boxSelected) && keysOf(binding).includes(chord),
    );
    // Held, Enter would accept on one image after the other what nobody has seen.
    if (found) return found.once && event.repeat ? null : found.command;
  }
  return null;
}

/**
 * The chords that a key press may mean, the likeliest first: where the key gives no Latin letter or digit, its place on
 * the keyboard counts, so that every key works with every script and layout.
 * @param {Parameters<typeof commandOf>[0]} event
 * @returns {string[]}
 */
export function chordsOf({ key, code, ctrlKey, metaKey, shiftKey, altKey }) {
  const before = `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}`;
  const shifted = `${before}${shiftKey ? "Shift+" : ""}`;
  if (/^[a-z]$/i.test(key)) return [shifted + key.toUpperCase()];
  if (/^[0-9]$/.test(key)) return [before + key]; // French digits need Shift
  if (key === " " || key === "Dead" || key === "Unidentified" || /^(Control|Shift|Alt|AltGraph|Meta|CapsLock)$/.test(key)) return [];
  const digit = shiftKey ? undefined : /^Digit([0-9])$/.exec(code)?.[1];
  if (key.length > 1) return [shifted + key];
  const letter = /^[\x20-\x7e]$/.test(key) ? undefined : /^Key([A-Z])$/.exec(code)?.[1];
  return [
    ...(letter ? [shifted + letter] : []),
    ...(/^[\x21-\x7e]$/.test(key) ? [before + key] : []), // a sign has Shift in itself or not, by the layout
    ...(digit ? [before + digit] : []),
  ];
}

/** @type {Record<string, string>} */
const KEY_WORDS = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc", Delete: "Del", "-": "−" };

/**
 * A chord as a person reads it.
 * @param {string} chord
 * @returns {string} such as "Shift ←"
 */
export function chordWords(chord) {
  const [, modifiers, key] = /** @type {RegExpExecArray} */ (/^((?:Ctrl\+|Alt\+|Shift\+)*)(.+)$/.exec(chord));
  return modifiers.replaceAll("+", " ") + (KEY_WORDS[key] ?? key);
}

/**
 * A chord as `aria-keyshortcuts` wants it.
 * @param {string} chord
 */
export function chordForAria(chord) {
  return chord.replace(/^Ctrl\+/, "Control+").replace(/\+\+$/, "+Plus").replace(/^\+$/, "Plus");
}
