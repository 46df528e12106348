// FEEL in the browser: evaluates typed trees that the server wrote, with the results that the server would have.
// Loaded by pages that hold expressions; the server stays the judge.
import { evaluateTree } from "./evaluate.ts";
import { StepLimitError } from "./limits.ts";
import { parseMoment } from "./temporal.ts";
import type { Tree, Wire } from "./tree.ts";
import { TooLargeError, decodeEntries, encode } from "./wire.ts";

export type { Tree, Wire } from "./tree.ts";

/** The value of a tree for names in scope, both in wire form; `now` is the present moment in ISO 8601, its zone that of
 * `today()`. An error, a limit too, is null. */
export function evaluate(tree: Tree, context: Record<string, Wire>, now: string | null = null): Wire {
  try {
    return encode(evaluateTree(tree, decodeEntries(context), now === null ? null : parseMoment(now)));
  } catch (error) {
    if (error instanceof StepLimitError || error instanceof TooLargeError) return { t: "null" };
    throw error;
  }
}
