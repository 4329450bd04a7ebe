// @ts-check
/** What is said of a project, and in which order projects stand; pure. */

import { counted, grouped } from "./count_words.js";

/** @typedef {import("./records.js").ProjectRecord} ProjectRecord */

/** Projects from which on a search field helps. */
export const MANY_PROJECTS = 12;

/**
 * What a project holds.
 * @param {ProjectRecord} project
 * @returns {string}
 */
export function projectFacts({ images, labelled, empty, classes }) {
  if (images === 0) return "No photographs yet";
  return `${counted(images, "image")}, ${grouped(labelled + empty)} labelled, ${counted(classes, "class", "classes")}`;
}

/**
 * What would bring a project on.
 * @param {ProjectRecord} project
 * @returns {string}
 */
export function nextStep({ images, labelled, empty, boxes, to_train: missing }) {
  const done = labelled + empty;
  if (images === 0) return "Add photographs";
  if (boxes === 0) return "Draw the first box";
  if (missing > images - done) return `Add ${counted(missing - (images - done), "photograph")} to train`;
  if (missing > 0) return `Label ${grouped(missing)} more to train`;
  return done < images ? `Ready to train, ${grouped(images - done)} left to label` : "Ready to train";
}

/**
 * The projects in the order of their last use or change, the latest first.
 * @param {readonly ProjectRecord[]} projects
 * @param {Record<string, number>} used when each was opened, by id, in milliseconds since 1970
 * @returns {ProjectRecord[]}
 */
export function latestFirst(projects, used) {
  const time = (/** @type {ProjectRecord} */ { id, updated }) => Math.max(used[id] ?? 0, Date.parse(updated ?? "") || 0);
  return [...projects].sort((one, other) => time(other) - time(one) || other.id - one.id);
}

/**
 * The projects whose names have every word of a search, in whatever case.
 * @param {readonly ProjectRecord[]} projects
 * @param {string} search
 * @returns {ProjectRecord[]}
 */
export function found(projects, search) {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return projects.filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)));
}

/**
 * What is lost with a project, for the question before its end.
 * @param {ProjectRecord} project
 * @returns {string}
 */
export function lossWords({ images, boxes }) {
  if (images === 0) return "It has no photographs. Its classes go with it.";
  const drawn = boxes > 0 ? ` with ${counted(boxes, "box", "boxes")}` : "";
  return `${counted(images, "photograph")}${drawn}, its classes, its trainings and their models are deleted for good. Nothing brings them back but a backup or an export.`;
}
