// @ts-check
/**
 * The REST API's values as JSDoc types; no code. Boxes are float pixels [x0, y0, x1, y1] of the upright image.
 *
 * @typedef {[number, number, number, number]} Xyxy
 *
 * @typedef {object} BoxRecord
 * @property {string} id chosen by whoever draws the box; stays with it
 * @property {number} class_id
 * @property {Xyxy} box
 * @property {string} source "person", "import" or "model:<id>"
 * @property {boolean} difficult
 * @property {boolean} crowd
 *
 * @typedef {"unlabelled" | "labelled" | "empty"} ImageStatus
 *
 * @typedef {object} ImageRecord
 * @property {number} id
 * @property {number} project_id
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {ImageStatus} status
 * @property {number} revision
 * @property {string | null} split
 * @property {number} [boxes]
 * @property {string} [version] changes with the picture
 *
 * @typedef {object} ClassRecord
 * @property {number} id
 * @property {string} name
 * @property {string} colour "#rrggbb"
 * @property {number} position
 * @property {number} boxes in the whole project
 *
 * @typedef {object} PlaceRecord
 * @property {number} number counts from 1
 * @property {number} total
 * @property {number | null} previous_id
 * @property {number | null} next_id
 * @property {number | null} next_unlabelled_id
 *
 * @typedef {object} LabellingRecord
 * @property {ImageRecord} image
 * @property {BoxRecord[]} boxes
 * @property {ClassRecord[]} classes
 * @property {PlaceRecord} place
 *
 * @typedef {object} ProjectRecord
 * @property {number} id
 * @property {string} name
 * @property {number} images
 * @property {number} labelled
 * @property {number} empty
 * @property {number} boxes
 * @property {number} classes
 *
 * @typedef {{images: ImageRecord[], total: number, next_after: number | null}} ImagePageRecord
 *
 * @typedef {{file: string, line: number | null, problem: string, remedy: string}} ProblemRecord
 *
 * @typedef {object} ReportRecord
 * @property {number} added
 * @property {number} existing
 * @property {number} boxes
 * @property {string[]} classes
 * @property {ProblemRecord[]} rejected
 * @property {string[]} notes
 *
 * @typedef {object} ModelRecord
 * @property {string} id
 * @property {string} name
 * @property {string[]} classes
 * @property {string[]} [colours]
 * @property {Record<string, unknown>} metrics
 * @property {string} created
 * @property {{score: number, iou: number}} [thresholds] what suited it on its validation images
 *
 * @typedef {[number, number, number, number, number, number]} Candidate x0, y0, x1, y1, score, class index
 *
 * @typedef {object} CandidatesRecord
 * @property {number} width
 * @property {number} height
 * @property {Candidate[]} candidates best score first
 * @property {{decode?: number, network?: number, total?: number}} milliseconds
 *
 * @typedef {"queued" | "running" | "stopping" | "stalled" | "done" | "failed" | "cancelled" | "paused"} RunStatus
 *
 * @typedef {object} RunRecord
 * @property {string} id
 * @property {RunStatus} status
 * @property {string} phase
 * @property {number} step
 * @property {number} total_steps
 * @property {number} epoch
 * @property {number} total_epochs
 * @property {number | null} seconds_left
 * @property {Record<string, unknown>} metrics
 * @property {string | null} error
 * @property {string | null} model_id
 * @property {string} created
 * @property {Record<string, unknown>} [params]
 *
 * @typedef {{step: number, name: string, value: number}} PointRecord
 *
 * @typedef {{name: string, title: string, steps: number, description: string}} PresetRecord
 * @typedef {{ready: boolean, sentence: string, presets: PresetRecord[]}} TrainingOptionsRecord
 */

export {};
