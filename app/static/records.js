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
 * @property {boolean} [flag]
 * @property {string} [note]
 * @property {string} [warning] what was wrong with the file received, though it could be used
 * @property {number} [suggestions] open ones
 * @property {{uncertainty: number, usefulness: number | null, reason: string, model_id: string} | null} [look] of the last model that looked at it while it waits for labels
 * @property {[number, number, number, number, number][]} [drawn] class id and corners of each box, where asked for
 *
 * @typedef {object} ClassRecord
 * @property {number} id
 * @property {string} name
 * @property {string} colour "#rrggbb"
 * @property {number} position
 * @property {number} boxes in the whole project
 * @property {boolean} [archived] not offered for new boxes
 *
 * @typedef {object} PlaceRecord
 * @property {number | null} number counts from 1; null for an image that the filter leaves out
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
 * @property {SuggestionRecord[]} [suggestions] open ones, the surest first
 * @property {SuggestingRecord[]} [suggesting] the models that they come from
 *
 * @typedef {{id: number, class_id: number, box: Xyxy, score: number, model_id: string}} SuggestionRecord
 * @typedef {{id: string, name: string, score: number}} SuggestingRecord `score` is the one it suggests to count from
 *
 * @typedef {object} ProjectRecord
 * @property {number} id
 * @property {string} name
 * @property {number} images
 * @property {number} labelled
 * @property {number} empty
 * @property {number} boxes
 * @property {number} classes
 * @property {number} to_train images that must still be labelled before a training is worth its time
 * @property {string | null} [archived] ISO time at which it was put aside
 * @property {string | null} [updated] ISO time of its last change
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
 * @property {{score: number, iou: number, class_scores?: Record<string, number>}} [thresholds] what suited it on its
 *   validation images
 * @property {boolean} [is_default] the one chosen for its project
 * @property {{input_size?: number}} [params] what its training was given
 * @property {{runtime: string | null, reason: string | null}} [lineage] among others, which of its exports detects, and why
 *
 * @typedef {[number, number, number, number, number, number]} Candidate x0, y0, x1, y1, score, class index
 *
 * @typedef {object} CandidatesRecord
 * @property {number} width
 * @property {number} height
 * @property {Candidate[]} candidates best score first
 * @property {{decode?: number, network?: number, total?: number}} milliseconds
 * @property {string} [runtime] what answered, such as "LiteRT int8"
 * @property {string} [model] whose they are
 * @property {string[]} [classes] what the class indices stand for
 *
 * @typedef {"queued" | "running" | "stopping" | "stalled" | "done" | "failed" | "cancelled" | "paused"} RunStatus
 *
 * @typedef {object} FailureRecord why a run does not go on
 * @property {string} kind "out_of_memory", "disk_full", "diverged", "worker_gone", "weights_unavailable", "bad_data" or "unknown"
 * @property {string} sentence
 * @property {{kind: string, label: string, value: any} | null} action what a button does about it
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
 * @property {string | null} [started] ISO time at which its first attempt began
 * @property {string | null} [finished] ISO time at which it ended or began to rest
 * @property {number} [project_id]
 * @property {Record<string, any>} [params]
 * @property {FailureRecord | null} [failure]
 * @property {number | null} [promised_seconds]
 * @property {number | null} [seconds] from its first attempt to its end, or to now
 * @property {number} [worked_seconds] without rests
 * @property {"pause" | "finish" | "cancel" | null} [stop] what was asked of it
 * @property {number} [priority] lower goes first
 * @property {string | null} [device]
 * @property {string | null} [host]
 * @property {number} [attempts]
 *
 * @typedef {{step: number, name: string, value: number}} PointRecord
 *
 * @typedef {{name: string, title: string, steps: number, description: string, seconds?: number, measured?: boolean}} PresetRecord
 * @typedef {{ready: boolean, sentence: string, presets: PresetRecord[]}} TrainingOptionsRecord
 */

export {};
