// @ts-check
/** Sending a large body while telling how much of it has gone, which fetch cannot tell. */

import { ApiError, apiUrl, sentence } from "./api.js";

/**
 * Post a body and give the JSON of the answer.
 * @param {string} path under /api
 * @param {Blob} body
 * @param {(part: number) => void} onSent hears the part that has gone, 0 to 1
 * @param {() => XMLHttpRequest} [open]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export function postBody(path, body, onSent, open = () => new XMLHttpRequest()) {
  return new Promise((resolve, reject) => {
    const request = open();
    request.open("POST", apiUrl(path));
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onSent(1);
    request.onerror = () => reject(new ApiError(0, "The studio's server cannot be reached. Check that it is still running."));
    request.onabort = () => reject(new ApiError(0, "The sending was stopped."));
    request.onload = () => {
      const answer = jsonOf(request.responseText);
      if (request.status >= 200 && request.status < 300) resolve(answer);
      else reject(new ApiError(request.status, sentence(request.status, answer), answer));
    };
    request.send(body);
  });
}

/** @param {string} text */
function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
