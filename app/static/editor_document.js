// @ts-check
/**
 * What the Label screen works on: one image's labels with their history, the selection and the class in hand.
 *
 * No elements here. Events: "labels" after an edit (the labels are to be saved), "view" when only the selection, the
 * class, the waiting box or the settings changed, "drawn" after the "labels" of a box that a gesture drew, "preview"
 * while a drag is under way, "open" for another image,
 * "notice" (a CustomEvent) when there is something to say (detail: a sentence).
 */

import { besideOthers, boxInMiddle, cutToImage, moved, stretched } from "./box_geometry.js";
import { CopiedBoxes, placedBeside } from "./copied_boxes.js";
import { EditorHistory } from "./editor_history.js";
import { EditorSettings } from "./editor_settings.js";
import { Ghosts } from "./ghosts.js";
import { LabelHistories } from "./label_histories.js";
import { drawnBox, labelsOf, rejectedOf, suggestionOf } from "./labels.js";
import { randomId } from "./random_id.js";

/** @typedef {import("./records.js").Xyxy} Xyxy */
/** @typedef {import("./records.js").BoxRecord} BoxRecord */
/** @typedef {import("./records.js").ClassRecord} ClassRecord */
/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */
/** @typedef {import("./save_queue.js").Labels} Labels */

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
  /** @type {Map<number, Xyxy>} drawn boxes that wait until their class has a name, by image */
  #waiting = new Map();
  #histories = new LabelHistories();
  /** @type {EditorHistory<Labels>} */
  #history = new EditorHistory({ boxes: [], empty: false });
  /** @type {Map<number, number>} boxes of each class in the project's other images */
  #elsewhere = new Map();
  /** What paste puts down. */
  copied = new CopiedBoxes();
  /** What a model suggests and nobody has decided on. */
  ghosts = new Ghosts(this);

  /** @param {EditorSettings} [settings] what is shown and what is locked */
  constructor(settings = new EditorSettings()) {
    super();
    this.settings = settings;
    settings.addEventListener("change", () => {
      if (!this.inHand || !settings.isShown(this.inHand)) this.selectedId = null;
      this.#tell("view");
    });
  }

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
    this.#history = this.#histories.of(image.id, labels);
    if (!sameProject) this.classId = null;
    this.place = view.place;
    this.#takeClasses(view.classes, view.boxes);
    this.settings.enter(image.project_id);
    this.ghosts.take(view);
    this.#tell("open");
  }

  /** Show nothing. */
  close() {
    Object.assign(this, { image: null, place: null, classes: [], classId: null, selectedId: null, preview: null });
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
    this.ghosts.take(view);
    this.#tell("view");
  }

  /** The box of this image that waits for a class, even while other images are shown. @returns {Xyxy | null} */
  get waiting() {
    return (this.image && this.#waiting.get(this.image.id)) ?? null;
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

  /** What keys act on: the selected box, or the selected ghost, which becomes a box by it. @returns {BoxRecord | null} */
  get inHand() {
    const ghost = this.selected ? null : this.ghosts.selected;
    return ghost ? this.ghosts.boxOf(ghost) : this.selected;
  }

  /** The boxes that the pointer and Tab can reach. */
  get pickable() {
    return this.boxes.filter((box) => this.settings.canPick(box));
  }

  /** The classes that new boxes may get, in the order of their digits. */
  get offered() {
    return this.classes.filter(({ archived }) => !archived);
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

  /** Select the next box that can be picked, ghosts behind the boxes, or the one before. @param {1 | -1} direction */
  cycle(direction) {
    const { settings, selectedId } = this;
    const all = [...this.boxes, ...this.ghosts.shown].filter((box) => box.id === selectedId || settings.canPick(box));
    const at = all.findIndex(({ id }) => id === selectedId);
    const start = at < 0 && direction < 0 ? all.length : at;
    this.ghosts.pointedId = null;
    if (all.length > 0) this.select(all[(start + direction + all.length) % all.length].id);
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
      if (this.image) this.#waiting.set(this.image.id, box);
      this.selectedId = null;
      return this.#tell("view");
    }
    this.settings.reveal(this.classId);
    const record = drawnBox(this.classId, box);
    this.selectedId = record.id;
    this.#commit([...this.boxes, record], undefined, this.ghosts.replacedBy(record));
  }

  /** Add a box that a gesture drew. @param {Xyxy} box */
  draw(box) {
    this.add(box);
    if (this.waiting === null) this.#tell("drawn");
  }

  /** Let go of a box that waits for its class. */
  dropWaiting() {
    if (this.image && this.#waiting.delete(this.image.id)) this.#tell("view");
  }

  /**
   * Give a box new corners.
   * @param {string} id
   * @param {Xyxy} box
   * @param {string} [mergeKey] see EditorHistory.commit
   */
  reshape(id, box, mergeKey) {
    this.preview = null;
    const ghost = this.ghosts.find(id);
    const boxes = ghost ? [...this.boxes, this.ghosts.boxOf(ghost)] : this.boxes;
    const before = boxes.find((old) => old.id === id);
    if (!before || box.every((value, index) => value === before.box[index]) || this.#refuses(before)) return this.#tell("preview");
    this.#commit(boxes.map((old) => (old.id === id ? { ...old, box, source: "person" } : old)), mergeKey);
  }

  /** Move the selected box by pixels of the image. @param {number} dx @param {number} dy */
  nudge(dx, dy) {
    const { inHand, image } = this;
    if (inHand && image) this.reshape(inHand.id, moved(inHand.box, dx, dy, image), `nudge ${inHand.id}`);
  }

  /** @param {Xyxy} by how far the selected box's sides move, as for `stretched` */
  stretch(by) {
    const { inHand, image } = this;
    if (inHand && image) this.reshape(inHand.id, stretched(inHand.box, by, image), `stretch ${inHand.id}`);
  }

  /** Put a box where arrow keys can move and shape it. @param {Xyxy} seen the part of the image in view */
  addInMiddle(seen) {
    if (!this.image) return;
    const others = this.boxes.map(({ box }) => box);
    this.add(besideOthers(boxInMiddle(seen, this.image), others, this.image));
  }

  /** Delete a box, or reject a ghost; a box that was one is rejected by it. @param {string} id */
  remove(id) {
    if (this.ghosts.reject(id)) return;
    const box = this.boxes.find((one) => one.id === id);
    if (!box || this.#refuses(box)) return;
    if (this.selectedId === id) this.selectedId = null;
    const suggestion = suggestionOf(id);
    this.#commit(this.boxes.filter((box) => box.id !== id), undefined, suggestion === null ? [] : [suggestion]);
  }

  /**
   * Choose the class for new boxes; the selected box gets it too, and a selected ghost is accepted with it.
   * @param {number} classId
   */
  chooseClass(classId) {
    this.classId = classId;
    const { selected, waiting, image, inHand } = this;
    if (waiting && image) {
      this.#waiting.delete(image.id);
      return this.add(waiting);
    }
    if (!selected && inHand?.class_id === classId) return void this.ghosts.accept(inHand.id);
    if (!inHand || inHand.class_id === classId || this.#refuses(inHand)) return this.#tell("view");
    const boxes = selected ? this.boxes : [...this.boxes, inHand];
    this.#commit(boxes.map((old) => (old.id === inHand.id ? { ...old, class_id: classId, source: "person" } : old)));
  }

  /** Take a class that was just made, and use it. @param {ClassRecord} made */
  addClass(made) {
    if (!this.classOf(made.id)) this.classes = [...this.classes, made];
    this.chooseClass(made.id);
  }

  /** Put a copy of the selected box beside it. */
  duplicate() {
    if (this.selected) this.#addCopiesBeside([this.selected]);
  }

  /**
   * Take the selected box for pasting, or all that are shown when none is selected.
   * @returns {number} how many
   */
  copy() {
    const { selected, image, classes } = this;
    const taken = selected ? [selected] : this.boxes.filter((box) => this.settings.isShown(box));
    if (image && taken.length > 0) this.copied.take(taken, classes, image.project_id);
    return taken.length;
  }

  /**
   * Put down what was copied, at its place or beside what is there.
   * @returns {number} how many boxes were added
   */
  paste() {
    return this.image ? this.#addCopiesBeside(this.copied.boxesFor(this.image.project_id, this.classes)) : 0;
  }

  /** @param {readonly BoxRecord[]} records @returns {number} how many were added */
  #addCopiesBeside(records) {
    const { image } = this;
    if (!image) return 0;
    const others = this.boxes.map(({ box }) => box);
    const copies = placedBeside(records, others, image).map((copy) => ({ ...copy, id: randomId(), source: "person" }));
    if (copies.length === 0) return 0;
    for (const { class_id } of copies) this.settings.reveal(class_id);
    this.selectedId = copies.length === 1 ? copies[0].id : null;
    this.#commit([...this.boxes, ...copies]);
    return copies.length;
  }

  /**
   * Add copies of another image's boxes, cut to this image.
   * @param {readonly BoxRecord[]} boxes
   * @returns {number} how many were added
   */
  addCopies(boxes) {
    if (!this.image) return 0;
    const size = this.image;
    const copies = boxes.flatMap(({ class_id, box }) => cutToImage([box], size).map((cut) => drawnBox(class_id, cut)));
    if (copies.length > 0) this.#commit([...this.boxes, ...copies]);
    return copies.length;
  }

  /**
   * Say that the image was checked and holds nothing, ghosts in reach neither, or take it back; one with boxes is not empty.
   * @param {boolean} empty
   */
  markEmpty(empty) {
    if (this.boxes.length > 0 || this.labels.empty === empty) return;
    const unwanted = empty ? this.ghosts.reachable.map(({ suggestion }) => suggestion) : [];
    this.replace(labelsOf(this.boxes, empty, [...rejectedOf(this.labels), ...unwanted]));
  }

  /** Take other labels as one step, as after a choice between two people's. @param {Labels} labels */
  replace(labels) {
    this.#history.commit(labels);
    this.#afterStep();
  }

  /**
   * Take a flag, a note or a status that the image got.
   * @param {Partial<import("./records.js").ImageRecord>} marks
   */
  mark(marks) {
    const old = /** @type {Record<string, unknown> | null} */ (this.image);
    if (!old || !this.image || Object.entries(marks).every(([name, value]) => old[name] === value)) return;
    this.image = { ...this.image, ...marks };
    this.#tell("view");
  }

  undo() {
    if (this.#history.undo()) this.#afterStep();
  }

  redo() {
    if (this.#history.redo()) this.#afterStep();
  }

  /** Let the screen say something. @param {string} sentence */
  say(sentence) {
    this.dispatchEvent(new CustomEvent("notice", { detail: sentence }));
  }

  /** @param {BoxRecord} box @returns {boolean} whether it is locked; then the screen says so */
  #refuses(box) {
    const locked = this.settings.isLocked(box);
    if (locked) this.say("This box is locked. Unlock it to change it.");
    return locked;
  }

  #afterStep() {
    if (!this.inHand) this.selectedId = null;
    this.preview = null;
    this.#tell("labels");
  }

  /** @param {BoxRecord[]} boxes @param {string} [mergeKey] @param {readonly number[]} [rejected] besides those before */
  #commit(boxes, mergeKey, rejected = []) {
    this.#history.commit(labelsOf(boxes, false, [...rejectedOf(this.labels), ...rejected]), mergeKey);
    this.#tell("labels");
  }

  /** @param {ClassRecord[]} classes @param {BoxRecord[]} boxes the image's boxes that the classes' counts include */
  #takeClasses(classes, boxes) {
    this.classes = [...classes].sort((a, b) => a.position - b.position);
    this.#elsewhere = new Map(
      classes.map(({ id, boxes: count }) => [id, count - boxes.filter(({ class_id }) => class_id === id).length]),
    );
    if (!this.offered.some(({ id }) => id === this.classId)) this.classId = this.offered[0]?.id ?? null;
  }

  /** @param {"labels" | "view" | "drawn" | "preview" | "open"} type */
  #tell(type) {
    this.dispatchEvent(new Event(type));
  }
}
