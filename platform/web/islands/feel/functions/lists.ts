// Functions over lists.
import { MAX_LIST } from "../limits.ts";
import * as n from "../numbers.ts";
import { Decimal, decimal, numberText } from "../numbers.ts";
import { add, divide } from "../operators.ts";
import { FeelFunction, type Value, equal, equalityKey, isNumber, kind, order } from "../values.ts";
import { type Builtin, builtin, form } from "./form.ts";

type Items = readonly Value[];

function limited(items: Value[]): Value[] | null {
  return items.length <= MAX_LIST ? items : null;
}

function extreme(sign: 1 | -1): (items: Items) => Value {
  return (items) => {
    let best = items[0] ?? null;
    if (best === null || order(best, best) === null) return null;
    for (const item of items.slice(1)) {
      const found = order(item, best);
      if (found === null) return null;
      if (found === sign) best = item;
    }
    return best;
  };
}

function numbersOf(items: Items): Decimal[] | null {
  return items.length > 0 && items.every(isNumber) ? [...items] : null;
}

function fold(operation: (a: Decimal, b: Decimal) => Decimal | null, items: readonly Decimal[]): Decimal | null {
  let found: Decimal | null = items[0] ?? null;
  for (const item of items.slice(1)) found = found === null ? null : operation(found, item);
  return found === null ? null : n.plus(found);
}

/** The sum; null when there is nothing to add or something cannot be added. */
function total(items: Items): Value {
  const numbers = numbersOf(items);
  if (numbers !== null) return fold(n.add, numbers);
  const of = new Set(items.map(kind));
  if (of.size !== 1 || !(of.has("days and time duration") || of.has("years and months duration"))) return null;
  return items.reduce((sum, item) => add(sum, item));
}

function mean(items: Items): Value {
  const sum = total(items);
  return sum === null ? null : divide(sum, decimal(items.length));
}

function product(items: Items): Value {
  const numbers = numbersOf(items);
  return numbers === null ? null : fold(n.multiply, numbers);
}

function ordered(items: Decimal[]): Decimal[] {
  return items.sort((a, b) => a.comparedTo(b));
}

function median(items: Items): Value {
  const numbers = numbersOf(items);
  if (numbers === null) return null;
  ordered(numbers);
  const middle = Math.floor(numbers.length / 2);
  const upper = numbers[middle] ?? null;
  return numbers.length % 2 ? upper : divide(add(numbers[middle - 1] ?? null, upper), decimal(2));
}

function deviation(items: Items): Value {
  const [numbers, average] = [numbersOf(items), mean(items)];
  if (numbers === null || numbers.length < 2 || !(average instanceof Decimal)) return null;
  const squares: Decimal[] = [];
  for (const item of numbers) {
    const distance = n.subtract(item, average);
    const square = distance === null ? null : n.multiply(distance, distance);
    if (square === null) return null;
    squares.push(square);
  }
  const sum = fold(n.add, squares);
  const variance = sum === null ? null : n.divide(sum, decimal(numbers.length - 1));
  return variance === null ? null : n.sqrt(variance);
}

function mode(items: Items): Value {
  if (items.length === 0) return [];
  const numbers = numbersOf(items);
  if (numbers === null) return null;
  const counts = new Map<string, { value: Decimal; count: number }>();
  for (const value of numbers) {
    const found = counts.get(numberText(value)) ?? { value, count: 0 };
    found.count += 1;
    counts.set(numberText(value), found);
  }
  const most = Math.max(...[...counts.values()].map((one) => one.count));
  return ordered([...counts.values()].filter((one) => one.count === most).map((one) => one.value));
}

function every(decisive: boolean): (items: Items) => Value {
  return (items) => {
    if (items.some((item) => item !== null && typeof item !== "boolean")) return null;
    if (items.includes(decisive)) return decisive;
    return items.includes(null) ? null : !decisive;
  };
}

function contains(items: Items, element: Value): boolean {
  return items.some((item) => equal(item, element) === true);
}

function sublist(items: Items, start: Decimal, length: Decimal | null): Value {
  const first = start.truncated().toNumber();
  if (first === 0 || Math.abs(first) > items.length) return null;
  const begin = first > 0 ? first - 1 : items.length + first;
  const count = length === null ? items.length - begin : length.truncated().toNumber();
  return count < 0 || begin + count > items.length ? null : items.slice(begin, begin + count);
}

/** Put values in the place of some elements at a position; null when there is no such position. */
function spliced(items: Items, position: Decimal, removed: number, ...values: Value[]): Value {
  const at = position.truncated().toNumber();
  if (at === 0 || Math.abs(at) > items.length) return null;
  return limited(items.toSpliced(at > 0 ? at - 1 : items.length + at, removed, ...values));
}

function replaceWhere(items: Items, match: FeelFunction, value: Value): Value {
  if (match.parameters !== null && match.parameters.length !== 2) return null;
  const results = items.map((item) => match.call([item, value]));
  if (!results.every((result) => typeof result === "boolean")) return null;
  return items.map((item, at) => (results[at] === true ? value : item));
}

function distinct(items: Items): Value[] {
  const found = new Map<unknown, Value>();
  for (const item of items) {
    const key = equalityKey(item);
    if (!found.has(key)) found.set(key, item);
  }
  return [...found.values()];
}

function concatenate(...lists: Value[][]): Value {
  return lists.reduce((sum, list) => sum + list.length, 0) > MAX_LIST ? null : lists.flat(1);
}

function flatten(items: Value[]): Value {
  const found: Value[] = [];
  const pending: Value[] = [items];
  while (pending.length > 0) {
    const item = pending.pop() ?? null;
    if (Array.isArray(item)) for (let at = item.length - 1; at >= 0; at -= 1) pending.push(item[at] ?? null);
    else found.push(item);
    if (found.length + pending.length > MAX_LIST) return null;
  }
  return found;
}

function sort(items: Items, precedes: FeelFunction | null): Value {
  if (precedes === null) {
    if (items.slice(1).some((item, at) => order(items[at] ?? null, item) === null)) return null;
    return items.toSorted((a, b) => order(a, b) ?? 0);
  }
  if (precedes.parameters !== null && precedes.parameters.length !== 2) return null;
  return items.toSorted((a, b) => (precedes.call([a, b]) === true ? -1 : precedes.call([b, a]) === true ? 1 : 0));
}

function indexOf(items: Items, match: Value): Value {
  return items.flatMap((item, at) => (equal(item, match) === true ? [decimal(at + 1)] : []));
}

export const LISTS: readonly Builtin[] = [
  builtin("list contains", form("list: list, element: any", contains)),
  builtin(
    "list replace",
    form("list: list, position: number, newItem: any", (items: Items, at: Decimal, value: Value) => spliced(items, at, 1, value)),
    form("list: list, match: function, newItem: any", replaceWhere),
  ),
  builtin("count", form("list: list", (items: Items) => decimal(items.length))),
  builtin("min", form("*list: list", extreme(-1))),
  builtin("max", form("*list: list", extreme(1))),
  builtin("sum", form("*list: list", total)),
  builtin("mean", form("*list: list", mean)),
  builtin("product", form("*list: list", product)),
  builtin("median", form("*list: list", median)),
  builtin("stddev", form("*list: list", deviation)),
  builtin("mode", form("*list: list", mode)),
  builtin("all", form("*list: list", every(false))),
  builtin("any", form("*list: list", every(true))),
  builtin("sublist", form("list: list, start position: number, length?: number", sublist)),
  builtin("append", form("list: list, item*: any", (items: Items, ...more: Value[]) => limited([...items, ...more]))),
  builtin("concatenate", form("list*: list", concatenate)),
  builtin("insert before", form("list: list, position: number, newItem: any", (items: Items, at: Decimal, value: Value) => spliced(items, at, 0, value))),
  builtin("remove", form("list: list, position: number", (items: Items, at: Decimal) => spliced(items, at, 1))),
  builtin("reverse", form("list: list", (items: Items) => items.toReversed())),
  builtin("index of", form("list: list, match: any", indexOf)),
  builtin("union", form("list*: list", (...lists: Value[][]) => limited(distinct(lists.flat(1))))),
  builtin("distinct values", form("list: list", distinct)),
  builtin("flatten", form("list: list", flatten)),
  builtin(
    "sort",
    form("list: list", (items: Items) => sort(items, null)),
    form("list: list, precedes~: function", sort),
  ),
];
