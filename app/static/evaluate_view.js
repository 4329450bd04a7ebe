// @ts-check
/**
 * The Evaluate screen: how good a model is on a split, what it gets wrong, and which of two is better.
 *
 * The root carries `data-ready="true"` once a report, a comparison or a message instead of one is shown.
 */

import { api, ApiError, messageOf } from "./api.js";
import { askedAgain, workingWords } from "./asked_again.js";
import { wordButton } from "./buttons.js";
import { html, setText } from "./elements.js";
import { emptyState, failureState, noProject } from "./empty_state.js";
import { comparisonParts } from "./evaluate_compare.js";
import { noImages } from "./evaluate_no_images.js";
import { reportParts } from "./evaluate_report.js";
import { SPLITS } from "./evaluate_words.js";
import { mountOnce } from "./lifecycle.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/** @typedef {import("./models_words.js").ModelEntry} ModelEntry */
/** @typedef {import("./evaluate_words.js").Split} Split */

/**
 * Build the Evaluate screen in an element.
 * @param {HTMLElement} root
 */
export function mount(root) {
  return mountOnce(root, (element, life) => new EvaluateView(element, life));
}

class EvaluateView {
  /** @type {ModelEntry[]} */
  #models = [];
  #turn = 0;
  #drawn = "";
  /** @type {number | null} the project whose models are offered */
  #project = null;

  /**
   * @param {HTMLElement} root
   * @param {import("./lifecycle.js").Life} life
   */
  constructor(root, life) {
    this.root = root;
    root.classList.add("st-evaluate");
    const select = (/** @type {string} */ id) => html("select", { class: "st-select", id, dir: "auto", onchange: () => this.#ask() });
    this.model = select("st-evaluate-model");
    this.split = select("st-evaluate-split");
    this.other = select("st-evaluate-other");
    this.split.append(...SPLITS.map(([value, words]) => html("option", { value }, words)));
    const field = (/** @type {HTMLSelectElement} */ node, /** @type {string} */ words) => html("div", { class: "st-evaluate-field" }, html("label", { for: node.id }, words), node);
    this.otherField = field(this.other, "Compare with");
    this.bar = html("div", { class: "st-evaluate-bar", hidden: true }, field(this.model, "Model"), field(this.split, "Measured on"), this.otherField);
    this.words = html("p", { role: "status" });
    this.progress = html("progress", { class: "st-progress", "aria-label": "Progress of the measuring" });
    this.working = html(
      "div",
      { class: "st-working", hidden: true },
      this.words,
      this.progress,
      html("p", { class: "st-note" }, "It goes on if you leave this screen, and is kept until images or boxes change."),
    );
    this.body = html("div", { class: "st-evaluate-body" });
    this.message = html("div", { class: "st-message" });
    root.append(this.bar, this.working, this.message, this.body);
    const becomeStale = life.keepFresh(() => this.#load());
    life.listen(studio, "project", becomeStale);
    life.listen(studio, "changed", becomeStale);
    life.listen(studio, "model", ({ detail }) => detail.screen === "evaluate" && becomeStale());
    // A training that ended, or another tab, may have made a model.
    life.listen(window, "focus", becomeStale);
    life.onHide(() => {
      if (this.working.hidden) return;
      this.#turn += 1; // nobody looks: the measuring goes on without being asked
      becomeStale();
    });
  }

  async #load() {
    const project = studio.project;
    const turn = ++this.#turn;
    if (project === null) return this.#say(noProject(), false);
    try {
      const models = await api("GET", `models?project_id=${project}`);
      if (turn !== this.#turn) return;
      this.#offer(models, project);
      if (models.length === 0) return this.#say(noModel(), false);
      await this.#ask();
    } catch (error) {
      if (turn === this.#turn) this.#say(failureState(messageOf(error), () => this.#load()), false);
    }
  }

  /** @param {ModelEntry[]} models @param {number} project */
  #offer(models, project) {
    const asked = studio.takeModel("evaluate");
    const known = (/** @type {string | null} */ id) => models.some((model) => model.id === id);
    const same = project === this.#project;
    const first = (models.find(({ is_default: yes }) => yes) ?? models[0])?.id ?? "";
    if (asked !== null && !known(asked) && models.length > 0) toast("The model asked for is in the bin, or gone: this is another one.", { action: { label: "Go to Models", run: () => studio.navigate("models") } });
    const chosen = known(asked) ? /** @type {string} */ (asked) : same && known(this.model.value) ? this.model.value : first;
    const other = same && asked === null && known(this.other.value) ? this.other.value : "";
    const options = () => models.map(({ id, name, is_default: yes }) => html("option", { value: id, dir: "auto" }, yes ? `${name} (default)` : name));
    this.#models = models;
    this.#project = project;
    this.model.replaceChildren(...options());
    this.other.replaceChildren(html("option", { value: "" }, "No other model"), ...options());
    this.model.value = chosen;
    this.other.value = other;
    this.otherField.hidden = models.length < 2;
  }

  /** Measure, or compare, what is chosen. */
  async #ask() {
    const turn = ++this.#turn;
    const [id, split] = [this.model.value, /** @type {Split} */ (this.split.value)];
    for (const option of this.other.options) option.disabled = option.value === id;
    if (this.other.value === id) this.other.value = "";
    const other = this.other.value;
    this.bar.hidden = false;
    const wanted = () => turn === this.#turn;
    const ask = () =>
      other === "" ? api("GET", `models/${encodeURIComponent(id)}/evaluation?split=${split}`) : api("POST", "models/compare", { a: other, b: id, split });
    const doing = other === "" ? "Measuring" : "Comparing";
    if (this.body.childElementCount > 0) this.body.setAttribute("aria-busy", "true");
    try {
      const answer = await askedAgain(ask, { wanted, onWorking: (working) => this.#showWorking(working, doing) });
      if (answer !== null) this.#show(answer, other === "" ? "" : other);
    } catch (error) {
      if (!wanted()) return;
      const refused = other !== "" && error instanceof ApiError && error.status === 400;
      this.#say(refused ? this.#noComparison(messageOf(error), split) : this.#noMeasure(messageOf(error), id));
    }
  }

  /** @param {import("./asked_again.js").Working} working @param {string} doing */
  #showWorking(working, doing) {
    this.working.hidden = false;
    this.message.replaceChildren();
    this.body.replaceChildren();
    this.#drawn = "";
    delete this.root.dataset.ready;
    setText(this.words, workingWords(working, doing));
    if (working.total > 0) Object.assign(this.progress, { max: working.total, value: working.done });
    else this.progress.removeAttribute("value");
  }

  /** @param {any} answer @param {string} other */
  #show(answer, other) {
    this.working.hidden = true;
    this.body.removeAttribute("aria-busy");
    const model = this.#models.find(({ id }) => id === this.model.value);
    if (answer.images === 0) return this.#say(noImages(answer.split, model));
    const state = JSON.stringify([answer, this.#models.map(({ id, is_default: yes }) => [id, yes])]);
    this.message.replaceChildren();
    this.root.dataset.ready = "true";
    if (state === this.#drawn) return; // tables and lists that are open stay open
    this.#drawn = state;
    const held = this.body.contains(document.activeElement);
    const colours = Object.fromEntries((model?.classes ?? []).map((name, index) => [name, model?.colours?.[index] ?? "#3b82f6"]));
    this.body.replaceChildren(...(other === "" ? reportParts(answer, colours) : comparisonParts(answer, { colours, onDefault: this.#defaultOf(answer) })));
    const head = this.body.querySelector("h2");
    if (!held || !head) return;
    head.tabIndex = -1; // what had the focus was drawn anew
    head.focus({ preventScroll: true });
  }

  /** @param {string} reason @param {string} id */
  #noMeasure(reason, id) {
    return emptyState(
      { symbol: "warning", title: "This could not be measured", text: reason },
      wordButton("Try again", () => this.#ask(), { primary: true }),
      wordButton("Show the model", () => studio.openModel(id, "models")),
    );
  }

  /** @param {string} reason @param {Split} split */
  #noComparison(reason, split) {
    const [known, others] = [this.model.value, this.other.value].map((id) => this.#models.find((model) => model.id === id)?.classes ?? []);
    if (!known.some((name) => others.includes(name))) {
      const alone = () => {
        this.other.value = "";
        this.#ask();
      };
      return emptyState({ symbol: "chart", title: "These two look for different things", text: reason }, wordButton("Show the first alone", alone, { primary: true }));
    }
    const onTest = () => {
      this.split.value = "test";
      this.#ask();
    };
    const measure = split === "test" ? [] : [wordButton("Compare on the test images", onTest, { primary: true })];
    return emptyState({ symbol: "chart", title: "These two cannot be compared on these images", text: reason }, ...measure, wordButton("Go to Images", () => studio.navigate("images")));
  }

  /** @param {import("./evaluate_words.js").ComparisonRecord} made */
  #defaultOf({ models, verdict }) {
    const better = verdict.better && this.#models.find(({ id }) => id === models[/** @type {"a"} */ (verdict.better)].id);
    if (!better || better.is_default) return null;
    return async (/** @type {string} */ id) => {
      try {
        await api("PATCH", `models/${encodeURIComponent(id)}`, { is_default: true });
        studio.changed("models");
        toast(`“${better.name}” is the default model now.`);
      } catch (error) {
        toast(messageOf(error), { kind: "error" });
      }
    };
  }

  /** @param {HTMLElement} message instead of a report @param {boolean} [bar] whether another model can be chosen */
  #say(message, bar = true) {
    this.#drawn = "";
    this.bar.hidden = !bar;
    this.working.hidden = true;
    this.body.removeAttribute("aria-busy");
    this.body.replaceChildren();
    this.message.replaceChildren(message);
    this.root.dataset.ready = "true";
  }
}

function noModel() {
  return emptyState(
    { symbol: "chart", title: "No model to evaluate yet", text: "Train one first: what it finds and what it gets wrong is shown here as soon as it is finished. A model from elsewhere can be imported." },
    wordButton("Go to Train", () => studio.navigate("train"), { primary: true }),
    wordButton("Import a model", () => studio.navigate("models")),
  );
}
