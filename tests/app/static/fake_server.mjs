/** The part of the server that keeps labels, in memory behind `fetch`, with a network that can be made to fail. */

export class FakeServer {
  constructor(images) {
    const usual = { boxes: [], status: "unlabelled", revision: 0, rejected: [], replaced: [] };
    this.images = new Map(images.map((image) => [image.id, { ...usual, ...image }]));
    this.answers = new Map();
    this.requests = [];
    /** @type {"up" | "down" | "deaf" | "broken" | "refusing"} deaf: requests arrive, answers do not */
    this.network = "up";
    this.fetch = this.fetch.bind(this);
  }

  async fetch(url, { method, body, keepalive = false }) {
    const path = new URL(url).pathname.replace(/^\/studio\/api\//, "");
    const sent = JSON.parse(body ?? "null");
    this.requests.push({ method, path, sent, keepalive });
    await null;
    if (this.network === "down") throw new TypeError("Failed to fetch");
    if (this.network === "broken") return answer(503, { error: "The disk is full." });
    if (this.network === "refusing") return answer(422, { error: "Box 1 has no area." });
    const given = this.#answerTo(path, sent);
    if (this.network === "deaf") throw new TypeError("Failed to fetch");
    return given;
  }

  #answerTo(path, sent) {
    const [, id, what] = /^images\/(\d+)\/(boxes|empty)$/.exec(path) ?? [];
    const image = this.images.get(Number(id));
    if (!image) return answer(404, { error: `There is no image ${id}.` });
    if (this.answers.has(sent.operation_id)) return answer(200, this.answers.get(sent.operation_id));
    if (sent.revision !== image.revision) {
      return answer(409, { error: "It was changed elsewhere.", revision: image.revision, status: image.status, boxes: image.boxes });
    }
    let replaced = [];
    if (what === "empty") {
      if (image.boxes.length > 0) return answer(422, { error: "The image has boxes." });
      image.status = sent.empty ? "empty" : "unlabelled";
    } else {
      const { rejected = [], reopened = [] } = sent;
      replaced = image.replaced.filter((id) => rejected.includes(id));
      image.rejected = [...new Set([...image.rejected, ...rejected])].filter((id) => !reopened.includes(id) && !replaced.includes(id));
      image.boxes = sent.boxes;
      image.status = sent.boxes.length > 0 ? "labelled" : image.status === "empty" ? "empty" : "unlabelled";
    }
    image.revision += 1;
    const given = { revision: image.revision, status: image.status, replaced };
    this.answers.set(sent.operation_id, given);
    return answer(200, given);
  }

  /** Somebody else saves boxes. */
  changeElsewhere(id, boxes, without = "unlabelled") {
    const image = this.images.get(id);
    Object.assign(image, { boxes, status: boxes.length > 0 ? "labelled" : without, revision: image.revision + 1 });
  }
}

function answer(status, body) {
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
}

/** A Storage in memory. */
export class FakeStorage {
  items = new Map();

  get length() {
    return this.items.size;
  }

  key(index) {
    return [...this.items.keys()][index] ?? null;
  }

  getItem(key) {
    return this.items.get(key) ?? null;
  }

  setItem(key, value) {
    this.items.set(key, String(value));
  }

  removeItem(key) {
    this.items.delete(key);
  }
}

/** Let every promise that can settle do so. */
export async function settled() {
  for (let round = 0; round < 20; round += 1) await new Promise(setImmediate);
}

/** A box with corners that are easy to tell apart. */
export function box(id, x0 = 10, classId = 1) {
  return { id, class_id: classId, box: [x0, 20.5, x0 + 30, 60.25], source: "person", difficult: false, crowd: false };
}
