// @ts-check
/** Which image the Label screen shows, and getting to the next one without waiting. */

import { api, ApiError, messageOf } from "./api.js";
import { isWhole, queueOf, queuePath, setQueue } from "./label_queue.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { wordButton } from "./buttons.js";
import { loadPicture } from "./pictures.js";
import { RecordCache } from "./record_cache.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./records.js").LabellingRecord} LabellingRecord */
/**
 * @typedef {object} Stage what the walk acts on
 * @property {(view: LabellingRecord, picture: HTMLImageElement) => void} show
 * @property {(view: LabellingRecord) => boolean} refresh take news of the image shown; whether its boxes changed
 * @property {() => void} clear
 * @property {(message: HTMLElement, inFrame: boolean) => void} say
 * @property {() => boolean} busy whether the pointer is in the middle of something
 */

/** Images kept ready ahead of the one shown. */
const AHEAD = 2;
/** Milliseconds after which news are taken that came in the middle of a drag. */
const LATER = 400;

export class LabelWalk {
  /** Counts openings: an answer that belongs to an earlier one is dropped. */
  #turn = 0;
  #loading = false;
  /** Whether something changed while the screen was hidden. */
  #stale = true;
  /** Whether the place shown is the server's word, not one that was kept ready. */
  #fresh = false;
  /** The order in which the queue was walked when it last changed. */
  #order = queueOf(studio.project).sort;
  /** Whether it is this screen that opens another project. */
  #switching = false;

  /**
   * @param {import("./lifecycle.js").Life} life
   * @param {import("./editor_document.js").EditorDocument} doc
   * @param {import("./label_saves.js").Saving} saving
   * @param {Stage} stage
   */
  constructor(life, doc, saving, stage) {
    this.life = life;
    this.doc = doc;
    this.saving = saving;
    this.stage = stage;
    this.cache = new RecordCache({ read: (imageId) => this.#read(imageId), load: loadPicture });
    life.listen(studio, "project", () => {
      if (this.#switching) return;
      this.close();
      this.becomeStale();
    });
    life.listen(studio, "project", () => (this.#order = queueOf(studio.project).sort));
    life.listen(studio, "image", ({ detail }) => this.open(detail));
    life.listen(studio, "queue", ({ detail }) => detail === studio.project && this.#queueChanged());
    life.listen(window, "focus", () => this.becomeStale());
    life.listen(document, "visibilitychange", () => document.hidden || this.becomeStale());
    life.onShow(() => this.#stale && this.#refresh());
  }

  /** Read again what is shown, now or when it is seen. */
  becomeStale() {
    this.#stale = true;
    if (this.life.visible) this.#refresh();
  }

  /** Show what is to be shown now: the image asked for, the one last seen, or the project's first. */
  async #refresh() {
    this.#stale = false;
    const turn = this.#turn;
    await this.saving.ready;
    if (turn !== this.#turn) return;
    if (studio.project === null) return this.stage.say(noProject(), false);
    const wanted = studio.image;
    if (wanted !== null && wanted !== this.doc.image?.id) return this.open(wanted);
    if (this.doc.image) return this.reload();
    return this.openFirst();
  }

  /** Show the queue's first image, or say why there is none. */
  async openFirst() {
    const project = studio.project;
    if (project === null) return this.stage.say(noProject(), false);
    const filter = queueOf(project);
    try {
      const page = await api("GET", queuePath(`projects/${project}/images`, filter, { limit: 1 }));
      if (project !== studio.project) return;
      if (page.images.length > 0) return await this.open(page.images[0].id);
      if (!isWhole(filter)) return this.#nothingLeft();
      this.close();
      this.stage.say(noPhotographs(), false);
    } catch (error) {
      this.#failed(error);
    }
  }

  /**
   * Go to a neighbour; nothing happens while one is on its way. Where a filter leaves none, that is said.
   * @param {number | null | undefined} imageId
   */
  async go(imageId) {
    if (this.#loading || !this.doc.image) return;
    if (imageId !== null && imageId !== undefined) return void this.open(imageId);
    if (isWhole(queueOf(studio.project))) return;
    const turn = this.#turn;
    await this.reload();
    if (turn === this.#turn && this.doc.place?.total === 0) this.#nothingLeft();
  }

  /** Go to the next unlabelled image; which one that is may have to be asked first. */
  async goUnlabelled() {
    const { doc } = this;
    const wanted = doc.place?.next_unlabelled_id ?? null;
    const labels = wanted === null ? null : this.saving.saves.labels(wanted);
    const done = labels !== null && (labels.boxes.length > 0 || labels.empty);
    if ((!this.#fresh || done) && doc.image && !this.#loading) await this.reload();
    await this.go(doc.place?.next_unlabelled_id);
  }

  /** @param {number} imageId */
  async open(imageId) {
    const turn = ++this.#turn;
    this.saving.saves.flush();
    const ready = this.cache.take(imageId);
    if (ready) {
      this.#loading = false;
      this.#fresh = false;
      this.#show(this.#withNews(ready.view), ready.picture);
      afterPaint(() => turn === this.#turn && this.reload());
      return;
    }
    this.#loading = true;
    try {
      const { view, picture } = await this.#get(imageId);
      if (turn !== this.#turn) return;
      this.#fresh = true;
      this.#show(view, picture);
    } catch (error) {
      if (turn !== this.#turn) return;
      const gone = error instanceof ApiError && error.status === 404;
      if (!gone) return this.#failed(error, imageId);
      if (studio.image === imageId) studio.rememberImage(null);
      await this.openFirst();
    } finally {
      if (turn === this.#turn) this.#loading = false;
    }
  }

  /** Take news of the image shown without disturbing the work on it. */
  async reload() {
    const imageId = this.doc.image?.id;
    if (imageId === undefined) return;
    const turn = this.#turn;
    try {
      const view = await this.#read(imageId);
      if (turn !== this.#turn || this.doc.image?.id !== imageId) return;
      if (this.stage.busy()) return void setTimeout(() => turn === this.#turn && this.reload(), LATER);
      this.cache.renew(view);
      this.#fresh = true;
      if (this.stage.refresh(view)) toast("Another window changed this image: its boxes are shown here now.", { seconds: 5 });
      this.#prefetch(view.place.next_id);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) {
        studio.rememberImage(null);
        this.close();
        await this.openFirst();
      } // else the image on the screen stays; saving tells of a lost server by itself
    }
  }

  /** Show nothing. */
  close() {
    this.#turn += 1;
    this.#loading = false;
    this.saving.saves.flush();
    this.cache.forgetRecords();
    this.stage.clear();
  }

  /** @param {number} imageId @returns {Promise<LabellingRecord>} with its place in its project's queue */
  async #read(imageId) {
    return api("GET", queuePath(`images/${imageId}`, queueOf(studio.project)));
  }

  /** @param {number} imageId */
  async #get(imageId) {
    const got = await this.cache.get(imageId);
    const { project_id } = got.view.image;
    if (project_id === studio.project) return got;
    this.#switchTo(project_id); // and only now is the queue known in which its place counts
    this.cache.forgetRecords();
    return this.cache.get(imageId);
  }

  /** @param {number} project */
  #switchTo(project) {
    this.#switching = true;
    studio.setProject(project);
    this.#switching = false;
  }

  /**
   * A record that was kept ready, with the classes and counts as they are on this screen by now.
   * @param {LabellingRecord} view
   * @returns {LabellingRecord}
   */
  #withNews(view) {
    const { doc, saving } = this;
    const boxes = saving.saves.labels(view.image.id)?.boxes ?? view.boxes;
    if (doc.image?.project_id !== view.image.project_id) return view;
    const classes = doc.classes.map((each) => ({ ...each, boxes: doc.countOf(each.id) }));
    return { ...view, classes, boxes: [...boxes] };
  }

  /** @param {LabellingRecord} view @param {HTMLImageElement} picture */
  #show(view, picture) {
    this.#switchTo(view.image.project_id);
    studio.rememberImage(view.image.id);
    this.stage.show(view, picture);
    this.#prefetch(view.place.next_id);
  }

  /** @param {number | null} imageId @param {number} [ahead] */
  async #prefetch(imageId, ahead = AHEAD) {
    if (imageId === null || ahead === 0 || !this.life.visible) return;
    const turn = this.#turn;
    const ready = await this.cache.get(imageId).catch(() => null);
    if (ready && turn === this.#turn) await this.#prefetch(ready.view.place.next_id, ahead - 1);
  }

  async #queueChanged() {
    this.cache.forgetRecords();
    const { sort } = queueOf(studio.project);
    const ordered = sort === "useful" && this.#order !== sort;
    this.#order = sort;
    if (!this.life.visible) return void (this.#stale = true);
    const turn = this.#turn;
    const here = this.doc.image;
    // Who asks for the most useful image wants that one: the one shown may be the least.
    if (!here || ordered) return this.openFirst();
    try {
      const view = await this.#read(here.id);
      if (turn !== this.#turn) return;
      const target = view.place.number === null ? (view.place.next_id ?? view.place.previous_id) : here.id;
      if (target === null) return this.#nothingLeft();
      if (target !== here.id) return void this.open(target);
      this.stage.refresh(view);
      this.#prefetch(view.place.next_id);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  }

  #nothingLeft() {
    const project = studio.project;
    this.close();
    const showAll = () => project !== null && setQueue(project, {});
    this.stage.say(
      emptyState(
        { symbol: "check", title: "No image matches the filter", text: "Everything that it asked for is done, or nothing was like this." },
        wordButton("Show all images", showAll, { primary: true }),
      ),
      true,
    );
  }

  /** @param {unknown} error @param {number} [imageId] */
  #failed(error, imageId) {
    const retry = () => void (imageId === undefined ? this.openFirst() : this.open(imageId));
    if (this.doc.image) toast(messageOf(error), { kind: "error", action: { label: "Try again", run: retry } });
    else this.stage.say(failureState(messageOf(error), retry), false);
  }
}

function noPhotographs() {
  return emptyState(
    { symbol: "photo", title: "No photographs yet", text: "Add photographs in Images; then draw boxes on them here." },
    wordButton("Go to Images", () => studio.navigate("images"), { primary: true }),
  );
}

/** @param {() => void} run once the next frame is on the screen */
function afterPaint(run) {
  requestAnimationFrame(() => setTimeout(run));
}
