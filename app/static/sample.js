// @ts-check
/** Loading the sample project that ships, from whichever screen offers it. */

import { api, messageOf } from "./api.js";
import { studio } from "./store.js";
import { toast } from "./toast.js";

/**
 * Make or find the sample project, open it and show its images; whoever has gone elsewhere meanwhile is only told.
 * @param {HTMLButtonElement} button that was pressed; it waits meanwhile
 */
export async function loadSample(button) {
  const words = button.querySelector("span");
  const before = words?.textContent ?? "";
  button.disabled = true;
  if (words) words.textContent = "Preparing the sample…";
  try {
    const { project } = await api("POST", "samples");
    const open = () => {
      studio.setProject(project.id);
      studio.navigate("images");
    };
    if (button.getClientRects().length > 0) open();
    else toast("The sample is ready.", { action: { label: "Open it", run: open }, seconds: 12 });
    studio.changed("projects");
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  } finally {
    button.disabled = false;
    if (words) words.textContent = before;
  }
}
