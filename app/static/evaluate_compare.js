// @ts-check
/** Two models side by side on the same images, and whether the difference is more than chance. */

import { wordButton } from "./buttons.js";
import { counted, grouped } from "./count_words.js";
import { html } from "./elements.js";
import { curvesPlot, markOf } from "./evaluate_curves.js";
import { FIGURES, intervalBar } from "./evaluate_interval.js";
import { difference, headline, intervalWords, share } from "./evaluate_words.js";
import { icon } from "./icons.js";
import { numbersTable, plotFrame } from "./plot_frame.js";
import { swatch } from "./swatch.js";
import { differences } from "./train_words.js";

/** @typedef {import("./evaluate_words.js").ComparisonRecord} ComparisonRecord */
/** @typedef {import("./evaluate_words.js").FiguresRecord} FiguresRecord */

const SPLIT_NAMES = { val: "validation image", test: "test image", train: "training image" };

/**
 * Draw the comparison.
 * @param {ComparisonRecord} made
 * @param {object} options
 * @param {Record<string, string>} options.colours by class name
 * @param {((id: string) => void) | null} options.onDefault makes the better model the default; null if it is
 * @returns {HTMLElement[]}
 */
export function comparisonParts(made, { colours, onDefault }) {
  const { a, b, models } = made;
  return [
    verdictPart(made, onDefault),
    html("div", { class: "st-versus" }, side("A", models.a, a), side("B", models.b, b)),
    classesTable(made, colours),
    html("div", { class: "st-evaluate-pair" }, comparedCurves(made), html("div", { class: "st-evaluate-stack" }, figuresTable(made), settingsTable(made))),
  ];
}

/**
 * The verdict with the models' names in place of their letters.
 * @param {Pick<ComparisonRecord, "models" | "verdict">} made
 * @returns {string}
 */
export function verdictWords({ models, verdict }) {
  if (verdict.better === null) return verdict.sentence;
  return verdict.sentence.replace(/^Model [AB]/, () => `“${models[/** @type {"a"} */ (verdict.better)].name}”`);
}

/** @param {ComparisonRecord} made @param {((id: string) => void) | null} onDefault */
function verdictPart(made, onDefault) {
  const { verdict, images, split, left_out: leftOut, models } = made;
  const fair = split === "train" ? "" : ", none of which either was trained on";
  const others = leftOut.length > 0 ? ` Left out, because only one of them knows it: ${leftOut.map((name) => `“${name}”`).join(", ")}.` : "";
  const better = verdict.better;
  return html(
    "section",
    { class: "st-verdict", "data-better": better ?? "noise", "aria-label": "Verdict" },
    html("span", { class: "st-verdict-symbol" }, icon(better === null ? "minus" : "check")),
    html(
      "div",
      {},
      html("h2", { dir: "auto" }, verdictWords(made)),
      html("p", { class: "st-note", dir: "auto" }, `Measured on ${counted(images, SPLIT_NAMES[split])}${fair}.${others}`),
      better !== null && onDefault ? html("div", { class: "st-actions" }, wordButton("Make it the default model", () => onDefault(models[better].id), { small: true, symbol: "check" })) : null,
    ),
  );
}

/** @param {string} letter @param {import("./evaluate_words.js").ModelHead} model @param {FiguresRecord} of */
function side(letter, model, of) {
  return html(
    "section",
    { class: "st-plot st-side", "aria-label": `Model ${letter}` },
    html("h3", {}, html("span", { class: "st-letter" }, letter), html("bdi", { class: "st-name", title: model.name }, model.name)),
    html("p", {}, `${headline(of)}.`),
    html(
      "dl",
      { class: "st-side-figures" },
      ...FIGURES.map(([name, meaning]) =>
        html(
          "div",
          { title: meaning },
          html("dt", {}, name),
          html("dd", {}, share(of[name])),
          html("dd", {}, intervalBar(of[name], of.interval[name])),
          html("dd", { class: "st-note" }, intervalWords(of.interval[name])),
        ),
      ),
    ),
  );
}

/** @param {ComparisonRecord} made */
function figuresTable({ verdict }) {
  const rows = /** @type {const} */ (["AP", "AP50"]).flatMap((name) => {
    const part = verdict[name];
    if (!part) return [];
    const [low, high] = part.interval;
    return [[name, difference(part.difference), `${difference(low)} to ${difference(high)}`, `${Math.round(100 * part.b_better)} %`, part.within_noise ? "may be chance" : "more than chance"]];
  });
  if (rows.length === 0) return null;
  return plotFrame({
    title: "The difference",
    sentence: "B minus A. The range holds the true difference in 95 of 100 cases. The difference may be chance where 0 is in the range, or where models that are equally good would differ as much on so few images.",
    plot: numbersTable({ heads: ["Figure", "Difference", "Range", "B better in", "Says"], rows }),
  });
}

/** @param {ComparisonRecord} made @param {Record<string, string>} colours */
function classesTable({ classes, a, b }, colours) {
  const rows = classes.map((name) => {
    const [of, other] = [a.per_class[name], b.per_class[name]];
    const change = of.F1 === null || other.F1 === null ? null : other.F1 - of.F1;
    return [
      html("span", { class: "st-class-cell" }, swatch(colours[name] ?? "#3b82f6"), html("bdi", { class: "st-name", title: name }, name)),
      grouped(of.boxes),
      share(of.precision),
      share(other.precision),
      share(of.recall),
      share(other.recall),
      share(of.F1),
      share(other.F1),
      difference(change),
    ];
  });
  return plotFrame({
    title: "Class by class",
    sentence: "Each model with the threshold that suits it.",
    kind: "st-by-class",
    plot: numbersTable({ heads: ["Class", "Labelled", "Precision A", "B", "Recall A", "B", "F1 A", "B", "Change"], rows }),
  });
}

/** @param {ComparisonRecord} made */
function comparedCurves({ classes, a, b }) {
  const holder = html("div", { class: "st-compared-curves" });
  const choice = html("select", { class: "st-select", "aria-label": "Class of the curves", onchange: () => draw(choice.value) });
  choice.append(...classes.map((name, index) => html("option", { value: index, dir: "auto" }, name)));
  const draw = (/** @type {string} */ value) => {
    const name = classes[Number(value)];
    const line = (/** @type {string} */ letter, /** @type {FiguresRecord} */ of, /** @type {string} */ colour, /** @type {boolean} */ dashed) => ({
      name: letter,
      colour,
      curve: of.curves[name],
      note: `AP50 ${share(of.per_class[name].AP50)}`,
      mark: markOf(of.per_class[name]),
      dashed,
    });
    const plot = curvesPlot([line("A", a, "var(--st-side-a)", true), line("B", b, "var(--st-side-b)", false)], "A dashed, B solid.");
    if (classes.length > 1) plot.querySelector("figcaption")?.append(choice);
    holder.replaceChildren(plot);
  };
  draw("0");
  return holder;
}

/** @param {ComparisonRecord} made */
function settingsTable({ models }) {
  const rows = differences([models.a, models.b]).map(([name, values]) => [name, ...values]);
  if (rows.length === 0) return null;
  return plotFrame({
    title: "How they were trained",
    sentence: "Only what differs.",
    plot: numbersTable({ heads: ["Setting", "A", "B"], rows }),
  });
}
