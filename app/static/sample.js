// @ts-check
/** Loading the sample project that ships, from whichever screen offers it. */

import { api, messageOf } from "./api.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/**
 * Make or find the sample project, open it and show its images.
 * @param {HTMLButtonElement} button that was pressed; it waits meanwhile
 */
export async function loadSample(button) {
  const words = button.querySelector("span");
  const before = words?.textContent ?? "";
  button.disabled = true;
  if (words) words.textContent = "Preparing the sample…";
  try {
    const { project } = await api("POST", "samples");
    studio.setProject(project.id);
    studio.changed("projects");
    studio.navigate("images");
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  } finally {
    button.disabled = false;
    if (words) words.textContent = before;
  }
}
