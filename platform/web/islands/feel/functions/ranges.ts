// Functions that compare points and ranges (Allen's relations).
import { FeelRange, type Value, inRange, order } from "../values.ts";
import { type Builtin, type Form, builtin, form } from "./form.ts";

type Truth = boolean | null;
type Range = FeelRange;
const POINT = "number|string|date|time|datetime|days|months";

function asNumber(value: boolean): number {
  return value ? 1 : 0;
}

/** Compare where two ranges begin; a missing low end is below everything. */
function lows(a: Range, b: Range): number | null {
  if (a.low === null || b.low === null) return asNumber(b.low === null) - asNumber(a.low === null);
  const found = order(a.low, b.low);
  return found !== 0 ? found : asNumber(b.lowClosed) - asNumber(a.lowClosed);
}

function highs(a: Range, b: Range): number | null {
  if (a.high === null || b.high === null) return asNumber(a.high === null) - asNumber(b.high === null);
  const found = order(a.high, b.high);
  return found !== 0 ? found : asNumber(a.highClosed) - asNumber(b.highClosed);
}

/** Compare the end of `a` with the start of `b`: -1 apart, 0 touching in one point, 1 beyond. */
function gap(a: Range, b: Range): number | null {
  if (a.high === null || b.low === null) return 1;
  const found = order(a.high, b.low);
  if (found !== 0) return found;
  return a.highClosed && b.lowClosed ? 0 : -1;
}

function asRange(value: Value): Range {
  return value instanceof FeelRange ? value : new FeelRange(value, value);
}

function before(a: Value, b: Value): Truth {
  const found = gap(asRange(a), asRange(b));
  return found === null ? null : found < 0;
}

function meets(a: Range, b: Range): Truth {
  if (a.high === null || b.low === null) return false;
  const found = order(a.high, b.low);
  return found === null ? null : found === 0 && a.highClosed && b.lowClosed;
}

/** Join comparisons by a condition; one that is not known makes the whole null. */
function known(numbers: readonly (number | null)[], holds: (...found: number[]) => boolean): Truth {
  return numbers.includes(null) ? null : holds(...numbers.map((one) => one ?? 0));
}

function overlaps(a: Range, b: Range): Truth {
  return known([gap(a, b), gap(b, a)], (first = 0, second = 0) => first >= 0 && second >= 0);
}

function overlapsBefore(a: Range, b: Range): Truth {
  return known([lows(a, b), highs(a, b), gap(a, b)], (low = 0, high = 0, apart = 0) => low < 0 && high <= 0 && apart >= 0);
}

function overlapsAfter(a: Range, b: Range): Truth {
  return known([lows(a, b), highs(a, b), gap(b, a)], (low = 0, high = 0, apart = 0) => low >= 0 && high > 0 && apart >= 0);
}

function finishesPoint(point: Value, within: Range): Truth {
  if (within.high === null) return false;
  return known([order(point, within.high)], (found) => found === 0 && within.highClosed);
}

function finishes(a: Range, b: Range): Truth {
  return known([lows(a, b), highs(a, b)], (low = 0, high = 0) => high === 0 && low >= 0);
}

function startsPoint(point: Value, within: Range): Truth {
  if (within.low === null) return false;
  return known([order(point, within.low)], (found) => found === 0 && within.lowClosed);
}

function starts(a: Range, b: Range): Truth {
  return known([lows(a, b), highs(a, b)], (low = 0, high = 0) => low === 0 && high <= 0);
}

function includes(a: Range, b: Value): Truth {
  if (!(b instanceof FeelRange)) return inRange(b, a);
  return known([lows(a, b), highs(a, b)], (low = 0, high = 0) => low <= 0 && high >= 0);
}

function coincides(a: Value, b: Value): Truth {
  const [first, second] = [asRange(a), asRange(b)];
  return known([lows(first, second), highs(first, second)], (low = 0, high = 0) => low === 0 && high === 0);
}

type Test = (a: never, b: never) => Truth;

function flipped<A, B>(test: (a: A, b: B) => Truth): (b: B, a: A) => Truth {
  return (b, a) => test(a, b);
}

const points = (test: Test): Form => form(`point1: ${POINT}, point2: ${POINT}`, test);
const pointRange = (test: Test): Form => form(`point: ${POINT}, range: range`, test);
const rangePoint = (test: Test): Form => form(`range: range, point: ${POINT}`, test);
const both = (test: Test): Form => form("range1: range, range2: range", test);
const everywhere = (test: Test): Form[] => [points(test), pointRange(test), rangePoint(test), both(test)];

export const RANGES: readonly Builtin[] = [
  builtin("before", ...everywhere(before)),
  builtin("after", ...everywhere(flipped(before))),
  builtin("meets", both(meets)),
  builtin("met by", both(flipped(meets))),
  builtin("overlaps", both(overlaps)),
  builtin("overlaps before", both(overlapsBefore)),
  builtin("overlaps after", both(overlapsAfter)),
  builtin("finishes", pointRange(finishesPoint), both(finishes)),
  builtin("finished by", rangePoint(flipped(finishesPoint)), both(flipped(finishes))),
  builtin("includes", rangePoint(includes), both(includes)),
  builtin("during", pointRange(flipped(includes)), both(flipped(includes))),
  builtin("starts", pointRange(startsPoint), both(starts)),
  builtin("started by", rangePoint(flipped(startsPoint)), both(flipped(starts))),
  builtin("coincides", points(coincides), both(coincides)),
];
