// @ts-check
/** The colours that classes get, and text that stays readable on them. */

/** The colours offered, told apart on photographs and by colour-blind eyes; the server hands out the same. */
export const PALETTE = /** @type {const} */ ([
  "#DD6600",
  "#0055FF",
  "#BB0099",
  "#339977",
  "#8888DD",
  "#CC0033",
  "#FF33BB",
  "#8844CC",
  "#007744",
  "#8A7A00",
  "#449922",
  "#5577FF",
]);

const DARK = "#14161a";
const LIGHT = "#ffffff";

/**
 * The ink, near-black or white, with the higher WCAG contrast on a colour.
 * @param {string} colour "#rgb" or "#rrggbb"; anything else counts as dark
 * @returns {string}
 */
export function inkOn(colour) {
  const luminance = luminanceOf(colour);
  return (luminance + 0.05) / (luminanceOf(DARK) + 0.05) >= 1.05 / (luminance + 0.05) ? DARK : LIGHT;
}

/**
 * Relative luminance, 0 to 1 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance).
 * @param {string} colour
 * @returns {number}
 */
export function luminanceOf(colour) {
  const short = /^#([\da-f])([\da-f])([\da-f])$/i.exec(colour);
  const long = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(colour);
  const parts = long ? long.slice(1) : (short ?? []).slice(1).map((digit) => digit + digit);
  const [red = 0, green = 0, blue = 0] = parts.map((part) => {
    const value = parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
