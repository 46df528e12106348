// All built-in functions by name.
import { CONTEXTS } from "./contexts.ts";
import { CONVERSIONS } from "./conversions.ts";
import type { Builtin } from "./form.ts";
import { LISTS } from "./lists.ts";
import { MOMENTS } from "./moments.ts";
import { NUMBERS } from "./numbers.ts";
import { RANGES } from "./ranges.ts";
import { TEXTS } from "./texts.ts";

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  [...CONVERSIONS, ...NUMBERS, ...TEXTS, ...LISTS, ...MOMENTS, ...RANGES, ...CONTEXTS].map((one) => [one.name, one]),
);
