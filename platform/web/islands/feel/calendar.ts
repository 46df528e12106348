// Days as numbers, in the proleptic Gregorian calendar and for all years that FEEL allows.
import { MAX_YEAR } from "./limits.ts";

// Day number of 1970-01-01 counted from 0000-03-01.
const ORDINAL_SHIFT = 306;

export class FeelDate {
  constructor(
    readonly year: number,
    readonly month: number,
    readonly day: number,
  ) {}
}

export function floorDivide(a: number, b: number): number {
  return Math.floor(a / b);
}

/** The remainder that has the divisor's sign. */
export function remainder(a: number, b: number): number {
  return a - b * Math.floor(a / b);
}

/** Days since 0001-01-01, which is 1. */
export function dayNumber(value: FeelDate): number {
  const year = value.year - (value.month <= 2 ? 1 : 0);
  const era = floorDivide(year, 400);
  const ofEra = remainder(year, 400);
  const ofYear = floorDivide(153 * (value.month + (value.month > 2 ? -3 : 9)) + 2, 5) + value.day - 1;
  return era * 146_097 + ofEra * 365 + floorDivide(ofEra, 4) - floorDivide(ofEra, 100) + ofYear - ORDINAL_SHIFT + 1;
}

/** The date of a day number; null beyond the years that FEEL allows. */
export function dateOfNumber(number: number): FeelDate | null {
  const era = floorDivide(number - 1 + ORDINAL_SHIFT, 146_097);
  const ofEra = remainder(number - 1 + ORDINAL_SHIFT, 146_097);
  const years = floorDivide(
    ofEra - floorDivide(ofEra, 1460) + floorDivide(ofEra, 36_524) - floorDivide(ofEra, 146_096),
    365,
  );
  const ofYear = ofEra - (365 * years + floorDivide(years, 4) - floorDivide(years, 100));
  const shifted = floorDivide(5 * ofYear + 2, 153);
  const day = ofYear - floorDivide(153 * shifted + 2, 5) + 1;
  const month = shifted + (shifted < 10 ? 3 : -9);
  const year = years + era * 400 + (month <= 2 ? 1 : 0);
  return Math.abs(year) <= MAX_YEAR ? new FeelDate(year, month, day) : null;
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** A date; null when there is no such day. */
export function makeDate(year: number, month: number, day: number): FeelDate | null {
  const exists = month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists && Math.abs(year) <= MAX_YEAR ? new FeelDate(year, month, day) : null;
}

/** The same day some months later, the month's last where it has no such day. */
export function addMonths(value: FeelDate, months: number): FeelDate | null {
  const total = value.year * 12 + value.month - 1 + months;
  const year = floorDivide(total, 12);
  const month = remainder(total, 12) + 1;
  return makeDate(year, month, Math.min(value.day, daysInMonth(year, month)));
}

/** 1 for Monday to 7 for Sunday. */
export function weekday(value: FeelDate): number {
  return remainder(dayNumber(value) - 1, 7) + 1;
}

/** The ISO week's number: week 1 holds the year's first Thursday. */
export function weekOfYear(value: FeelDate): number {
  const thursday = dayNumber(value) - weekday(value) + 4;
  for (const year of [value.year + 1, value.year, value.year - 1]) {
    const first = makeDate(year, 1, 1);
    if (first !== null && dayNumber(first) <= thursday) return floorDivide(thursday - dayNumber(first), 7) + 1;
  }
  return 1;
}
