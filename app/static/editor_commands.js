// @ts-check
/** What the keys and the tools do with boxes and with the view; what goes from image to image is done elsewhere. */

import { toast } from "./toast.js";

/** Seconds that a word about copying stays. */
const BRIEF = 3;

/**
 * @typedef {object} Editor
 * @property {import("./editor_document.js").EditorDocument} doc
 * @property {import("./editor_canvas.js").EditorCanvas} canvas
 * @property {import("./editor_gestures.js").EditorGestures} gestures
 * @property {() => void} searchClass
 * @property {() => void} help
 *
 * @typedef {import("./editor_keys.js").Command} Command
 */

/**
 * The commands by name.
 * @param {Editor} editor
 * @returns {Record<string, (command: Command) => void>}
 */
export function boxCommands({ doc, canvas, gestures, searchClass, help }) {
  const { settings } = doc;

  /** @param {() => void} change of the viewport */
  const look = (change) => {
    change();
    canvas.drawSoon();
    gestures.onViewport();
  };

  /** Bring the selected box into view. */
  const follow = () => {
    const { inHand } = doc;
    if (inHand && canvas.viewport.reveal(inHand.box)) look(() => {});
  };

  return {
    drawTool: () => settings.take("draw"),
    selectTool: () => settings.take("select"),
    newBox: () => doc.addInMiddle(canvas.viewport.seen),
    cycle: ({ direction = 1 }) => {
      doc.cycle(direction);
      follow();
    },
    chooseClass: ({ index = 0 }) => {
      const chosen = doc.offered[index];
      if (chosen) doc.chooseClass(chosen.id);
    },
    searchClass,
    nudge: ({ dx = 0, dy = 0 }) => {
      doc.nudge(dx, dy);
      follow();
    },
    stretch: ({ by = [0, 0, 0, 0] }) => {
      doc.stretch(by);
      follow();
    },
    remove: () => {
      const id = doc.ghosts.pointed?.id ?? doc.selectedId;
      if (id !== null) doc.remove(id);
    },
    rejectPointed: () => doc.ghosts.pointed && doc.remove(doc.ghosts.pointed.id),
    rejectGhosts: () => doc.ghosts.rejectShown(),
    toggleLock: () => doc.selected && settings.toggleBoxLock(doc.selected.id),
    duplicate: () => doc.duplicate(),
    copy: () => {
      const count = doc.copy();
      toast(count === 0 ? "There is no box to copy." : `Copied ${boxes(count)}.`, { seconds: BRIEF });
    },
    paste: () => {
      const wanted = doc.copied.count;
      const count = doc.paste();
      follow();
      if (wanted === 0) toast("Nothing was copied yet.", { seconds: BRIEF });
      else if (count < wanted) toast(`Pasted ${count} of ${boxes(wanted)}: the others have no place or no class here.`);
    },
    toggleEmpty: () => doc.markEmpty(!doc.labels.empty),
    toggleAdvance: () => {
      settings.toggleAdvance();
      toast(settings.advance ? "A drawn box now leads on to the next photograph." : "A drawn box no longer leads on.", { seconds: BRIEF });
    },
    hideAll: () => settings.toggle("allHidden"),
    toggleNames: () => settings.toggle("names"),
    toggleCrosshair: () => settings.toggle("crosshair"),
    actualSize: () => look(() => canvas.viewport.actualSize()),
    zoomToBox: () => {
      const { inHand } = doc;
      if (inHand) look(() => canvas.viewport.showBox(inHand.box));
    },
    reveal: follow,
    help,
  };
}

/** @param {number} count */
function boxes(count) {
  return count === 1 ? "1 box" : `${count} boxes`;
}
