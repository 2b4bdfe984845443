/** Deepest nesting that is read: far below where `JSON.stringify` runs out of stack. */
export const maxJsonDepth = 1000;

/**
 * Whether the text may nest deeper than `maxJsonDepth`, which `JSON.parse` would take and
 * `JSON.stringify` could not write again.
 */
export function isTooDeep(text: string): boolean {
  // Each level takes an opening and a closing bracket, so nearly all records end here.
  if (text.length <= 2 * maxJsonDepth) return false;
  return !hasFewOpenings(text) && depthOf(text) > maxJsonDepth;
}

/** Hops from bracket to bracket with the native search; most large values have few of them. */
function hasFewOpenings(text: string): boolean {
  let openings = 0;
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      if (++openings > maxJsonDepth) return false;
    }
  }
  return true;
}

function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === 0x22) at = endOfString(text, at);
    else if (char === 0x5b || char === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (char === 0x5d || char === 0x7d) depth--;
  }
  return deepest;
}

/** Position of the quote that ends the string beginning at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== 0x22) {
    at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  }
  return at;
}
