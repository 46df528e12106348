// The operators over values; they never throw, an error is null.
import { FeelDate, dayNumber } from "./calendar.ts";
import { MAX_STRING } from "./limits.ts";
import * as n from "./numbers.ts";
import { Decimal } from "./numbers.ts";
import {
  DaysTime, FeelTime, Moment, YearsMonths, makeDuration, makeMonths, momentNanos, shiftMonths, shiftNanos, timeNanos,
} from "./temporal.ts";
import { lengthOf } from "./texts.ts";
import { FeelRange, type Value, equal, inRange, kind, order } from "./values.ts";
import { DAY_NANOS } from "./zones.ts";

type Truth = boolean | null;

export function add(a: Value, b: Value): Value {
  if (a instanceof Decimal && b instanceof Decimal) return n.add(a, b);
  if (typeof a === "string" && typeof b === "string") {
    return lengthOf(a) + lengthOf(b) > MAX_STRING ? null : a + b;
  }
  return isPoint(b) && !isPoint(a) ? shift(b, a, 1) : shift(a, b, 1);
}

function isPoint(value: Value): value is FeelDate | Moment | FeelTime {
  return value instanceof FeelDate || value instanceof Moment || value instanceof FeelTime;
}

export function subtract(a: Value, b: Value): Value {
  if (a instanceof Decimal && b instanceof Decimal) return n.subtract(a, b);
  return isPoint(a) && isPoint(b) ? distance(a, b) : shift(a, b, -1);
}

function distance(a: FeelDate | Moment | FeelTime, b: FeelDate | Moment | FeelTime): Value {
  if (a instanceof FeelTime || b instanceof FeelTime) {
    if (!(a instanceof FeelTime && b instanceof FeelTime)) return null;
    return (a.zone === null) !== (b.zone === null) ? null : makeDuration(timeNanos(a) - timeNanos(b));
  }
  // A date counts as its midnight in UTC.
  const local = (value: FeelDate | Moment): boolean => value instanceof Moment && value.time.zone === null;
  const both = a instanceof FeelDate && b instanceof FeelDate;
  return !both && local(a) !== local(b) ? null : makeDuration(nanosOf(a) - nanosOf(b));
}

function nanosOf(value: FeelDate | Moment): bigint {
  return value instanceof Moment ? momentNanos(value) : BigInt(dayNumber(value)) * DAY_NANOS;
}

function shift(a: Value, b: Value, sign: 1 | -1): Value {
  if (b instanceof DaysTime) return shiftNanos(a, sign === 1 ? b.nanos : -b.nanos);
  return b instanceof YearsMonths ? shiftMonths(a, sign * b.months) : null;
}

export function multiply(a: Value, b: Value): Value {
  if (a instanceof Decimal) return b instanceof Decimal ? n.multiply(a, b) : scaled(b, a, n.multiply);
  return b instanceof Decimal ? scaled(a, b, n.multiply) : null;
}

export function divide(a: Value, b: Value): Value {
  if (a instanceof Decimal && b instanceof Decimal) return n.divide(a, b);
  if (a instanceof DaysTime && b instanceof DaysTime) return n.divide(n.decimal(a.nanos), n.decimal(b.nanos));
  if (a instanceof YearsMonths && b instanceof YearsMonths) return n.divide(n.decimal(a.months), n.decimal(b.months));
  return b instanceof Decimal ? scaled(a, b, n.divide) : null;
}

function scaled(a: Value, factor: Decimal, operation: (a: Decimal, b: Decimal) => Decimal | null): Value {
  const grain = a instanceof DaysTime ? a.grain : 1n;
  const size = a instanceof DaysTime ? a.nanos / grain : a instanceof YearsMonths ? BigInt(a.months) : null;
  const result = size === null ? null : operation(n.decimal(size), factor);
  if (result === null || result.e > 40) return null;
  const whole = BigInt(result.truncated().toFixed());
  return a instanceof DaysTime ? makeDuration(whole * grain) : makeMonths(Number(whole));
}

export function power(a: Value, b: Value): Value {
  return a instanceof Decimal && b instanceof Decimal ? n.power(a, b) : null;
}

export function negate(a: Value): Value {
  if (a instanceof Decimal) return n.negate(a);
  if (a instanceof DaysTime) return makeDuration(-a.nanos);
  return a instanceof YearsMonths ? new YearsMonths(0 - a.months) : null;
}

export const ARITHMETIC: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  "+": add, "-": subtract, "*": multiply, "/": divide, "**": power,
};

/** `a and b`: what is not a boolean counts as null. */
export function and(a: Value, b: Value): Truth {
  if (a === false || b === false) return false;
  return a === true && b === true ? true : null;
}

export function or(a: Value, b: Value): Truth {
  if (a === true || b === true) return true;
  return a === false && b === false ? false : null;
}

export function not(a: Value): Truth {
  return typeof a === "boolean" ? !a : null;
}

/** `a op b` for = != < <= > >=. */
export function compare(operator: string, a: Value, b: Value): Truth {
  if (operator === "=") return equal(a, b);
  if (operator === "!=") return not(equal(a, b));
  const found = order(a, b);
  if (found === null) return null;
  if (operator === "<") return found < 0;
  if (operator === "<=") return found <= 0;
  return operator === ">" ? found > 0 : found >= 0;
}

export function between(value: Value, low: Value, high: Value): Truth {
  return and(compare("<=", low, value), compare("<=", value, high));
}

/** `[low..high]`; null when the ends are of different kinds or the wrong way round. */
export function rangeOf(low: Value, high: Value, lowClosed: boolean, highClosed: boolean): FeelRange | null {
  if (low !== null && high !== null) {
    const found = order(low, high);
    if (found === null || found > 0) return null;
  }
  if (low === null && high === null && (lowClosed || highClosed)) return null;
  return new FeelRange(low, high, lowClosed, highClosed);
}

/** The range of what passes `operator operand`. */
export function testRange(operator: string, operand: Value): FeelRange | null {
  if (operator === "=" || operator === "!=") return new FeelRange(operand, operand, true, true, operator);
  if (operand === null) return null;
  const closed = operator.endsWith("=");
  if (operator.startsWith("<")) return new FeelRange(null, operand, false, closed, operator);
  return new FeelRange(operand, null, closed, false, operator);
}

/** Whether a value passes a test: equals it, lies in a range, or passes one of a list. */
export function passes(value: Value, test: Value): Truth {
  if (test instanceof FeelRange) return kind(value) === "range" ? equal(value, test) : inRange(value, test);
  if (!Array.isArray(test)) return equal(value, test);
  if (Array.isArray(value) && equal(value, test) === true) return true;
  return anyOf(test.map((item) => passes(value, item)));
}

/** The results of several tests joined: one true is enough, and only true or false are known. */
export function anyOf(results: readonly Value[]): boolean {
  return results.includes(true);
}
