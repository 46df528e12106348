// Numbers: decimals of 34 digits, half to even, with the exponents of decimal128.
import { Decimal as Base } from "decimal.js";
import { DIGITS, MAX_EXPONENT, MAX_NUMBER_TEXT } from "./limits.ts";

const CONFIG = { rounding: Base.ROUND_HALF_EVEN, toExpNeg: -9e15, toExpPos: 9e15, minE: -9e15, maxE: 9e15 } as const;
/** Decimals as they are computed with. Literals may have more digits; operations round. */
export const Decimal = Base.clone({ ...CONFIG, precision: DIGITS });
export type Decimal = Base;
/** Decimals with digits to spare, for what is rounded once at its end. */
const Spare = Base.clone({ ...CONFIG, precision: 2 * DIGITS });
/** Decimals that hold every digit of what FEEL's numbers can be. */
const Wide = Base.clone({ ...CONFIG, precision: 2 * MAX_EXPONENT + 2 * DIGITS });
const SMALLEST_PLACE = MAX_EXPONENT - 2 + DIGITS;
const LOWEST_SCALE = -6_111;
const HIGHEST_SCALE = 6_176;
const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

export const ZERO = new Decimal(0);
export type Rounding = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export function decimal(value: number | bigint | string): Decimal {
  return new Decimal(typeof value === "bigint" ? value.toString() : value);
}

/** Round a result to what a number may be; null where it is too large or none. */
function held(result: Decimal): Decimal | null {
  if (!result.isFinite()) return null;
  const rounded = new Decimal(result).toSignificantDigits(DIGITS);
  if (rounded.isZero()) return rounded;
  if (rounded.e > MAX_EXPONENT) return null;
  if (rounded.e > 1 - MAX_EXPONENT) return rounded;
  return new Decimal(new Wide(result).toDecimalPlaces(SMALLEST_PLACE));
}

export function add(a: Decimal, b: Decimal): Decimal | null {
  return held(Decimal.add(a, b));
}

export function subtract(a: Decimal, b: Decimal): Decimal | null {
  return held(Decimal.sub(a, b));
}

export function multiply(a: Decimal, b: Decimal): Decimal | null {
  return held(Decimal.mul(a, b));
}

export function divide(a: Decimal, b: Decimal): Decimal | null {
  return b.isZero() ? null : held(Decimal.div(a, b));
}

export function power(a: Decimal, b: Decimal): Decimal | null {
  if (a.isZero()) return b.isZero() || b.isNegative() ? null : ZERO;
  if (a.isNegative() && !b.isInteger()) return null;
  // Far outside of what numbers can be the answer needs no digits.
  const size = b.toNumber() * Spare.log10(new Spare(a).abs()).toNumber();
  if (size > MAX_EXPONENT + 2) return null;
  if (size < -SMALLEST_PLACE - 2) return ZERO;
  return held(Spare.pow(a, b));
}

export function plus(a: Decimal): Decimal | null {
  return held(a);
}

export function negate(a: Decimal): Decimal | null {
  return held(a.neg());
}

export function sqrt(a: Decimal): Decimal | null {
  return a.isNegative() && !a.isZero() ? null : held(Decimal.sqrt(a));
}

export function ln(a: Decimal): Decimal | null {
  return a.lessThanOrEqualTo(0) ? null : held(Spare.ln(a));
}

export function exp(a: Decimal): Decimal | null {
  if (a.greaterThan(15_000)) return null;
  return a.lessThan(-15_000) ? ZERO : held(Spare.exp(a));
}

/** What is left of the floored division; it has the divisor's sign. */
export function modulo(dividend: Decimal, divisor: Decimal): Decimal | null {
  if (divisor.isZero()) return null;
  let rest = dividend.abs().lessThan(divisor.abs()) ? dividend : rests(dividend, divisor);
  if (!rest.isZero() && rest.isNegative() !== divisor.isNegative()) rest = new Wide(rest).plus(divisor);
  return held(rest);
}

/** What is left of the truncated division, also where the quotient is very long. */
function rests(dividend: Decimal, divisor: Decimal): Decimal {
  const [first, second] = [digits(dividend), digits(divisor)];
  const exponent = Math.min(first.exponent, second.exponent);
  const modulus = second.whole * 10n ** BigInt(second.exponent - exponent);
  const rest = (first.whole * powerModulo(10n, first.exponent - exponent, modulus)) % modulus;
  const found = new Wide(`${rest}e${exponent}`);
  return dividend.isNegative() ? found.neg() : found;
}

/** The digits of a number as a whole number, and its exponent. */
function digits(value: Decimal): { whole: bigint; exponent: number } {
  const exponent = value.e - value.precision() + 1;
  return { whole: BigInt(new Wide(`${value.abs().toExponential().split("e")[0] ?? "0"}e${value.precision() - 1}`).toFixed()), exponent };
}

function powerModulo(base: bigint, exponent: number, modulus: bigint): bigint {
  let [result, square, left] = [1n % modulus, base % modulus, exponent];
  while (left > 0) {
    if (left % 2 === 1) result = (result * square) % modulus;
    square = (square * square) % modulus;
    left = Math.floor(left / 2);
  }
  return result;
}

/** A number rounded to a number of decimal places. */
export function rounded(value: Decimal, scale: Decimal | null, rounding: Rounding): Decimal | null {
  const places = scale === null ? 0 : scale.truncated().toNumber();
  if (places < LOWEST_SCALE || places > HIGHEST_SCALE) return null;
  if (value.decimalPlaces() <= places && places >= 0) return value;
  if (places >= 0) return held(new Wide(value).toDecimalPlaces(places, rounding));
  const unit = new Wide(10).pow(-places);
  return held(new Wide(value).dividedBy(unit).toDecimalPlaces(0, rounding).times(unit));
}

/** The number that a text is. */
export function parseNumber(text: string): Decimal | null {
  const plain = text.trim();
  if (text.length > MAX_NUMBER_TEXT || !NUMBER.test(plain)) return null;
  return held(new Decimal(plain));
}

/** A number without exponent and without zeros at its end. */
export function numberText(value: Decimal): string {
  return value.isZero() ? "0" : value.toFixed();
}
