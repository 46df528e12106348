// What values are, which kind each is, and how two of them compare; values of different kinds do not.
import { FeelDate, dayNumber } from "./calendar.ts";
import { Decimal, numberText } from "./numbers.ts";
import { DaysTime, FeelTime, Moment, YearsMonths, momentNanos, timeNanos } from "./temporal.ts";
import { compareTexts } from "./texts.ts";
import { NANOS } from "./zones.ts";

export type FeelContext = Map<string, Value>;
export type Value =
  | null
  | boolean
  | string
  | Decimal
  | FeelDate
  | FeelTime
  | Moment
  | DaysTime
  | YearsMonths
  | Value[]
  | FeelContext
  | FeelRecord
  | FeelRange
  | FeelFunction;

/** A record: a context with an identity; `above` are the ids of the records above it in a tree. */
export class FeelRecord {
  constructor(
    readonly id: string,
    readonly entries: FeelContext,
    readonly above: readonly string[] | null = null,
  ) {}
}

/** A range; `operator` is set where a unary test was written (`< 5`, `!= 5`). */
export class FeelRange {
  constructor(
    readonly low: Value,
    readonly high: Value,
    readonly lowClosed = true,
    readonly highClosed = true,
    readonly operator: string | null = null,
  ) {}
}

/** A function; without parameters' names it takes any number of values. */
export class FeelFunction {
  constructor(
    readonly parameters: readonly string[] | null,
    readonly call: (values: readonly Value[]) => Value,
  ) {}
}

/** The name of a value's type. */
export function kind(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (value instanceof Decimal) return "number";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map || value instanceof FeelRecord) return "context";
  if (value instanceof FeelDate) return "date";
  if (value instanceof Moment) return "date and time";
  if (value instanceof FeelTime) return "time";
  if (value instanceof DaysTime) return "days and time duration";
  if (value instanceof YearsMonths) return "years and months duration";
  return value instanceof FeelRange ? "range" : "function";
}

export function isNumber(value: Value): value is Decimal {
  return value instanceof Decimal;
}

/** The entries of a context or record; null for other values. */
export function entriesOf(value: Value): FeelContext | null {
  if (value instanceof Map) return value;
  return value instanceof FeelRecord ? value.entries : null;
}

/** A list as it is, and any other value as the list of it. */
export function asList(value: Value): readonly Value[] {
  return Array.isArray(value) ? value : [value];
}

export function recordId(value: Value): string | null {
  return value instanceof FeelRecord ? value.id : null;
}

/** Whether two values are equal; values of different kinds give null. */
export function equal(a: Value, b: Value): boolean | null {
  if (a === null || b === null) return a === b;
  const of = kind(a);
  if (of !== kind(b)) return equalRecord(a, b);
  if (typeof a === "string" || typeof a === "boolean") return a === b;
  if (a instanceof Decimal && b instanceof Decimal) return a.equals(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, at) => equal(item, b[at] ?? null) === true);
  }
  if (of === "context") return equalContexts(a, b);
  if (a instanceof FeelRange && b instanceof FeelRange) return equalRanges(a, b);
  if (of === "function") return a === b;
  const [x, y] = [orderKey(a), orderKey(b)];
  if (typeof x !== "bigint" || typeof y !== "bigint") return null;
  // Equality of times is to the second (DMN 1.5, 10.3.2.3.4), order is exact.
  return of === "time" || of === "date and time" ? seconds(x) === seconds(y) : x === y;
}

function seconds(nanos: bigint): bigint {
  const rest = nanos % NANOS;
  return (nanos - (rest < 0n ? rest + NANOS : rest)) / NANOS;
}

/** A record equals the text of its id. */
function equalRecord(a: Value, b: Value): boolean | null {
  if (a instanceof FeelRecord && typeof b === "string") return a.id === b;
  return b instanceof FeelRecord && typeof a === "string" ? a === b.id : null;
}

function equalContexts(a: Value, b: Value): boolean {
  if (a instanceof FeelRecord || b instanceof FeelRecord) return recordId(a) === recordId(b);
  const [first, second] = [entriesOf(a), entriesOf(b)];
  if (first === null || second === null || first.size !== second.size) return false;
  for (const [key, value] of first) {
    if (!second.has(key) || equal(value, second.get(key) ?? null) !== true) return false;
  }
  return true;
}

function equalRanges(a: FeelRange, b: FeelRange): boolean | null {
  if (a.operator !== b.operator || a.lowClosed !== b.lowClosed || a.highClosed !== b.highClosed) return false;
  const [low, high] = [equal(a.low, b.low), equal(a.high, b.high)];
  return low === null || high === null ? null : low && high;
}

/** What is the same for equal values, and for no others. */
export function equalityKey(value: Value): unknown {
  if (value instanceof FeelFunction) return value;
  return value instanceof FeelRecord ? textKey(value.id) : partKey(value);
}

function textKey(text: string): string {
  return JSON.stringify(text);
}

function partKey(value: Value): string {
  if (value instanceof FeelRecord) return textKey(value.id);
  if (typeof value === "string") return textKey(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (value instanceof Decimal) return numberText(value);
  if (Array.isArray(value)) return `[${value.map(partKey).join()}]`;
  if (value instanceof Map) {
    const parts = [...value].map(([key, item]) => `${textKey(key)}:${partKey(item)}`);
    return `{${parts.sort().join()}}`;
  }
  if (value instanceof FeelRange) {
    return `r${String(value.lowClosed)}${String(value.highClosed)}${value.operator ?? ""}(${partKey(value.low)},${partKey(value.high)})`;
  }
  if (value instanceof FeelFunction) return `f${functionNumber(value)}`;
  const key = orderKey(value) ?? 0n;
  const of = kind(value);
  return `${of}${String(of === "time" || of === "date and time" ? seconds(key) : key)}`;
}

const functionNumbers = new WeakMap<FeelFunction, number>();
let functionsSeen = 0;

function functionNumber(value: FeelFunction): number {
  let found = functionNumbers.get(value);
  if (found === undefined) functionNumbers.set(value, (found = functionsSeen += 1));
  return found;
}

/** What orders the values of a temporal kind. */
function orderKey(value: Value): bigint | null {
  if (value instanceof FeelDate) return BigInt(dayNumber(value));
  if (value instanceof Moment) return momentNanos(value);
  if (value instanceof FeelTime) return timeNanos(value);
  if (value instanceof DaysTime) return value.nanos;
  return value instanceof YearsMonths ? BigInt(value.months) : null;
}

/** -1, 0 or 1 as `a` stands before, with or after `b`; null when they have no order. */
export function order(a: Value, b: Value): number | null {
  if (a instanceof Decimal && b instanceof Decimal) return a.comparedTo(b);
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (kind(a) !== kind(b)) return null;
  const [x, y] = [orderKey(a), orderKey(b)];
  if (x === null || y === null) return null;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** Whether two values are of one kind and form: equal, and with the same zone. */
export function isSame(a: Value, b: Value): boolean {
  if (kind(a) !== kind(b)) return false;
  const [first, second] = [clockOf(a), clockOf(b)];
  if (first === null || second === null) return equal(a, b) === true;
  if (order(a, b) !== 0 || (first.zone === null) !== (second.zone === null)) return false;
  return (first.zone?.name ?? null) === (second.zone?.name ?? null);
}

function clockOf(value: Value): FeelTime | null {
  if (value instanceof FeelTime) return value;
  return value instanceof Moment ? value.time : null;
}

/** Whether a value lies in a range; null when it cannot be compared with its ends. */
export function inRange(value: Value, within: FeelRange): boolean | null {
  if (within.operator === "=" || within.operator === "!=") {
    const same = equal(value, within.low);
    return same === null ? null : same === (within.operator === "=");
  }
  const results: (boolean | null)[] = [];
  if (within.low !== null || within.operator === null) results.push(beyond(within.low, value, within.lowClosed));
  if (within.high !== null || within.operator === null) results.push(beyond(value, within.high, within.highClosed));
  if (results.includes(false)) return false;
  return results.includes(null) ? null : true;
}

function beyond(low: Value, high: Value, closed: boolean): boolean | null {
  const found = order(low, high);
  return found === null ? null : found < 0 || (found === 0 && closed);
}
