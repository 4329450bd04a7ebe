// @ts-check
/** Calls of the studio's own REST API: addresses that survive a non-root base, and errors that are sentences. */

/** A call that did not succeed; its message is a sentence for the user. Status 0: no answer came at all. */
export class ApiError extends Error {
  /**
   * @param {number} status HTTP status, 0 when the server could not be reached
   * @param {string} message
   * @param {any} [body] the answer's JSON, if it had one
   */
  constructor(status, message, body = null) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.body = body;
  }
}

/**
 * The address of an API route, wherever the page is mounted.
 * @param {string} path such as "projects/3", with or without a leading "/" or "api/"
 * @returns {string}
 */
export function apiUrl(path) {
  return new URL(`api/${path.replace(/^\/?(api\/)?/, "")}`, document.baseURI).href;
}

/**
 * Call the API and give back its JSON (null for an empty answer).
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body] sent as JSON; FormData and Blob as they are
 * @param {{signal?: AbortSignal, keepalive?: boolean}} [options]
 * @returns {Promise<any>}
 * @throws {ApiError}
 */
export async function api(method, path, body, options = {}) {
  const raw = body instanceof Blob || body instanceof FormData;
  let response;
  try {
    response = await fetch(apiUrl(path), {
      method,
      body: body === undefined ? undefined : raw ? /** @type {BodyInit} */ (body) : JSON.stringify(body),
      headers: body === undefined || raw ? {} : { "Content-Type": "application/json" },
      ...options,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "The studio's server cannot be reached. Check that it is still running.");
  }
  const answer = await jsonOf(response);
  if (!response.ok) throw new ApiError(response.status, sentence(response.status, answer), answer);
  return answer;
}

/** @param {Response} response @returns {Promise<any>} */
async function jsonOf(response) {
  const text = await response.text().catch(() => "");
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    if (response.ok) throw new ApiError(0, "The server gave an answer that cannot be read. Reload the page.");
    return null;
  }
}

/**
 * The sentence an error answer stands for.
 * @param {number} status
 * @param {any} answer
 * @returns {string}
 */
export function sentence(status, answer) {
  if (typeof answer?.error === "string") {
    return typeof answer.remedy === "string" ? `${answer.error} ${answer.remedy}` : answer.error;
  }
  if (typeof answer?.detail === "string") return answer.detail;
  return status >= 500
    ? `The server failed with error ${status}. Its log says why.`
    : `The server refused the request with status ${status}.`;
}

/**
 * What to show for anything that was thrown.
 * @param {unknown} error
 * @returns {string}
 */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
