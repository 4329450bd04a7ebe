// @ts-check
/**
 * What the Label screen works on: one image's labels with their history, the selection and the class in hand.
 *
 * No elements here. Events: "labels" after an edit (the labels are to be saved), "view" when only the selection, the
 * class or the waiting box changed, "preview" while a drag is under way, "open" for another image.
 */

import { cutToImage, moved } from "./box_geometry.js";
import { EditorHistory } from "./editor_history.js";
import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ClassRecord} ClassRecord */
/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */
/** @typedef {import("./save_queue.js").Labels} Labels */

/** Histories kept for images seen earlier, so that undo survives next and previous. */
const HISTORIES = 500;

export class EditorDocument extends EventTarget {
  /** @type {import("./records.js").ImageRecord | null} */
  image = null;
  /** @type {import("./records.js").PlaceRecord | null} */
  place = null;
  /** @type {ClassRecord[]} */
  classes = [];
  /** @type {string | null} */
  selectedId = null;
  /** @type {number | null} the class that new boxes get */
  classId = null;
  /** @type {{id: string | null, box: Xyxy} | null} a box as a drag has it just now; id null while it is being drawn */
  preview = null;
  /** @type {Xyxy | null} a drawn box that waits until its class has a name */
  waiting = null;
  /** @type {Map<number, EditorHistory<Labels>>} */
  #histories = new Map();
  /** @type {EditorHistory<Labels>} */
  #history = new EditorHistory({ boxes: [], empty: false });
  /** @type {Map<number, number>} boxes of each class in the project's other images */
  #elsewhere = new Map();

  /**
   * Show another image.
   * @param {LabellingRecord} view
   * @param {Labels} labels as the save queue has them
   */
  open(view, labels) {
    const { image } = view;
    const sameProject = this.image?.project_id === image.project_id;
    this.image = image;
    this.selectedId = null;
    this.preview = null;
    this.waiting = null;
    this.#history = this.#historyOf(image.id, labels);
    if (!sameProject) this.classId = null;
    this.place = view.place;
    this.#takeClasses(view.classes, view.boxes);
    this.#tell("open");
  }

  /** Show nothing. */
  close() {
    Object.assign(this, { image: null, place: null, classes: [], classId: null, selectedId: null, preview: null, waiting: null });
    this.#history = new EditorHistory({ boxes: [], empty: false });
    this.#tell("open");
  }

  /**
   * Take news of the same image's surroundings: its place and its project's classes.
   * @param {LabellingRecord} view
   */
  refresh(view) {
    this.place = view.place;
    this.#takeClasses(view.classes, view.boxes);
    this.#tell("view");
  }

  /** @returns {Labels} */
  get labels() {
    return this.#history.present;
  }

  get boxes() {
    return this.labels.boxes;
  }

  get canUndo() {
    return this.#history.canUndo;
  }

  get canRedo() {
    return this.#history.canRedo;
  }

  /** @returns {BoxRecord | null} */
  get selected() {
    return this.boxes.find(({ id }) => id === this.selectedId) ?? null;
  }

  /** @returns {import("./records.js").ImageStatus} what the labels make the image */
  get status() {
    if (this.boxes.length > 0) return "labelled";
    return this.labels.empty ? "empty" : "unlabelled";
  }

  /** @param {number} classId @returns {ClassRecord | null} */
  classOf(classId) {
    return this.classes.find(({ id }) => id === classId) ?? null;
  }

  /** @param {number} classId @returns {number} boxes of the class in the project, with the edits of this image */
  countOf(classId) {
    const here = this.boxes.filter(({ class_id }) => class_id === classId).length;
    return (this.#elsewhere.get(classId) ?? 0) + here;
  }

  /** @param {string | null} id */
  select(id) {
    if (this.selectedId === id) return;
    this.selectedId = id;
    this.#tell("view");
  }

  /**
   * Select the next box, or the one before.
   * @param {1 | -1} direction
   */
  cycle(direction) {
    const count = this.boxes.length;
    if (count === 0) return;
    const at = this.boxes.findIndex(({ id }) => id === this.selectedId);
    const next = at < 0 ? (direction > 0 ? 0 : count - 1) : (at + direction + count) % count;
    this.select(this.boxes[next].id);
  }

  /** @param {EditorDocument["preview"]} preview */
  show(preview) {
    if (this.preview === null && preview === null) return;
    this.preview = preview;
    this.#tell("preview");
  }

  /**
   * Add a drawn box with the class in hand; without any class it waits for one.
   * @param {Xyxy} box
   */
  add(box) {
    this.preview = null;
    if (this.classId === null) {
      this.waiting = box;
      this.selectedId = null;
      return this.#tell("view");
    }
    const record = this.#record(this.classId, box);
    this.selectedId = record.id;
    this.#commit([...this.boxes, record]);
  }

  /** Let go of a box that waits for its class. */
  dropWaiting() {
    if (this.waiting === null) return;
    this.waiting = null;
    this.#tell("view");
  }

  /**
   * Give a box new corners.
   * @param {string} id
   * @param {Xyxy} box
   * @param {string} [mergeKey] see EditorHistory.commit
   */
  reshape(id, box, mergeKey) {
    this.preview = null;
    this.#commit(this.boxes.map((old) => (old.id === id ? { ...old, box, source: "person" } : old)), mergeKey);
  }

  /**
   * Move the selected box by pixels of the image.
   * @param {number} dx
   * @param {number} dy
   */
  nudge(dx, dy) {
    const { selected, image } = this;
    if (!selected || !image) return;
    const box = moved(selected.box, dx, dy, image);
    if (box.some((value, index) => value !== selected.box[index])) this.reshape(selected.id, box, `nudge ${selected.id}`);
  }

  /** @param {string} id */
  remove(id) {
    if (!this.boxes.some((box) => box.id === id)) return;
    if (this.selectedId === id) this.selectedId = null;
    this.#commit(this.boxes.filter((box) => box.id !== id));
  }

  /**
   * Choose the class for new boxes; the selected box gets it too.
   * @param {number} classId
   */
  chooseClass(classId) {
    this.classId = classId;
    const { selected } = this;
    if (this.waiting) {
      const box = this.waiting;
      this.waiting = null;
      return this.add(box);
    }
    if (!selected || selected.class_id === classId) return this.#tell("view");
    this.#commit(
      this.boxes.map((old) => (old.id === selected.id ? { ...old, class_id: classId, source: "person" } : old)),
    );
  }

  /**
   * Take a class that was just made, and use it.
   * @param {ClassRecord} made
   */
  addClass(made) {
    if (!this.classOf(made.id)) this.classes = [...this.classes, made];
    this.chooseClass(made.id);
  }

  /**
   * Add copies of another image's boxes, cut to this image.
   * @param {readonly BoxRecord[]} boxes
   * @returns {number} how many were added
   */
  addCopies(boxes) {
    if (!this.image) return 0;
    const size = this.image;
    const copies = boxes.flatMap(({ class_id, box }) => cutToImage([box], size).map((cut) => this.#record(class_id, cut)));
    if (copies.length > 0) this.#commit([...this.boxes, ...copies]);
    return copies.length;
  }

  /**
   * Say that the image was checked and holds nothing, or take it back; an image with boxes is not empty.
   * @param {boolean} empty
   */
  markEmpty(empty) {
    if (this.boxes.length > 0 || this.labels.empty === empty) return;
    this.#history.commit({ boxes: this.boxes, empty });
    this.#tell("labels");
  }

  undo() {
    if (this.#history.undo()) this.#afterStep();
  }

  redo() {
    if (this.#history.redo()) this.#afterStep();
  }

  #afterStep() {
    if (!this.selected) this.selectedId = null;
    this.preview = null;
    this.#tell("labels");
  }

  /** @param {BoxRecord[]} boxes @param {string} [mergeKey] */
  #commit(boxes, mergeKey) {
    this.#history.commit({ boxes, empty: false }, mergeKey);
    this.#tell("labels");
  }

  /** @param {number} classId @param {Xyxy} box @returns {BoxRecord} */
  #record(classId, box) {
    return { id: randomId(), class_id: classId, box, source: "person", difficult: false, crowd: false };
  }

  /** @param {number} imageId @param {Labels} labels */
  #historyOf(imageId, labels) {
    const old = this.#histories.get(imageId);
    const history = old && JSON.stringify(old.present) === JSON.stringify(labels) ? old : new EditorHistory(labels);
    this.#histories.delete(imageId);
    this.#histories.set(imageId, history);
    if (this.#histories.size > HISTORIES) this.#histories.delete(this.#histories.keys().next().value ?? -1);
    return history;
  }

  /** @param {ClassRecord[]} classes @param {BoxRecord[]} boxes the image's boxes that the classes' counts include */
  #takeClasses(classes, boxes) {
    this.classes = [...classes].sort((a, b) => a.position - b.position);
    this.#elsewhere = new Map(
      classes.map(({ id, boxes: count }) => [id, count - boxes.filter(({ class_id }) => class_id === id).length]),
    );
    if (!this.classOf(this.classId ?? -1)) this.classId = this.classes[0]?.id ?? null;
  }

  /** @param {"labels" | "view" | "preview" | "open"} type */
  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
