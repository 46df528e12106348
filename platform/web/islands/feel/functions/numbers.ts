// Functions over numbers.
import * as n from "../numbers.ts";
import { Decimal } from "../numbers.ts";
import { DaysTime, YearsMonths, makeDuration } from "../temporal.ts";
import type { Value } from "../values.ts";
import { type Builtin, builtin, form } from "./form.ts";

const UP = 0;
const DOWN = 1;
const CEILING = 2;
const FLOOR = 3;
const HALF_UP = 4;
const HALF_DOWN = 5;
const HALF_EVEN = 6;

function rounding(name: string, scale: string, mode: n.Rounding): Builtin {
  return builtin(name, form(`n: number, ${scale}: number`, (value: Decimal, places: Decimal | null) => n.rounded(value, places, mode)));
}

function abs(value: Value): Value {
  if (value instanceof Decimal) return n.plus(value.abs());
  if (value instanceof YearsMonths) return new YearsMonths(Math.abs(value.months));
  return value instanceof DaysTime ? makeDuration(value.nanos < 0n ? -value.nanos : value.nanos) : null;
}

function isOdd(value: Decimal): boolean {
  return value.isInteger() && !value.mod(2).isZero();
}

export const NUMBERS: readonly Builtin[] = [
  rounding("decimal", "scale", HALF_EVEN),
  rounding("floor", "scale?", FLOOR),
  rounding("ceiling", "scale?", CEILING),
  rounding("round up", "scale", UP),
  rounding("round down", "scale", DOWN),
  rounding("round half up", "scale", HALF_UP),
  rounding("round half down", "scale", HALF_DOWN),
  builtin("abs", form("n: number|days|months", abs)),
  builtin("modulo", form("dividend: number, divisor: number", n.modulo)),
  builtin("sqrt", form("number: number", n.sqrt)),
  builtin("log", form("number: number", n.ln)),
  builtin("exp", form("number: number", n.exp)),
  builtin("odd", form("number: number", isOdd)),
  builtin("even", form("number: number", (value: Decimal) => value.isInteger() && !isOdd(value))),
];
