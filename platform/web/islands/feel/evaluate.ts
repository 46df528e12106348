// The interpreter of the typed tree. Names were settled by the server; nothing of JavaScript can be reached from here.
import { FeelDate, dateOfNumber, dayNumber } from "./calendar.ts";
import { type Asked, type Builtin, fittedTo } from "./functions/form.ts";
import { BUILTINS } from "./functions/table.ts";
import { Budget, CHARACTERS_A_STEP, COSTLY_STEPS, MAX_LIST, StepLimitError } from "./limits.ts";
import { Decimal } from "./numbers.ts";
import * as ops from "./operators.ts";
import { get } from "./properties.ts";
import { lengthOf } from "./texts.ts";
import type {
  CallNode, ContextNode, FilterNode, ForNode, Iteration, LambdaNode, Meaning, Node, Parameter, QuantifiedNode, TestsNode, Tree,
} from "./tree.ts";
import { instanceOf, typeOf } from "./types.ts";
import { type FeelContext, FeelFunction, FeelRange, type Value, asList, entriesOf, kind } from "./values.ts";
import { decode } from "./wire.ts";

/** A name that the expression binds itself, and what was bound before it. */
interface Bound {
  of: number;
  name: string;
  value: Value;
  before: Bound | null;
}

/** Functions that take far longer than others, and those that compile a pattern. */
const COSTLY = new Set(["exp", "log", "matches", "replace", "split", "range", "stddev"]);
/** Functions that look at the elements of lists, not into them. */
const SHALLOW = new Set([
  "count", "sum", "min", "max", "mean", "product", "median", "mode", "stddev", "all", "any", "sublist", "append",
  "concatenate", "insert before", "remove", "reverse", "sort",
]);
const PATTERNED = new Set(["matches", "replace", "split"]);
const REPEATING = new Set(["for", "quantified", "filter", "lambda", "context"]);

/** The value of a tree for the names of a context. Throws StepLimitError when a limit was hit. */
export function evaluateTree(tree: Tree, context: FeelContext, now: Value): Value {
  try {
    return new Evaluation(tree, context, { now }).value(tree.tree, null);
  } catch (error) {
    // Functions that call each other too deep exhaust the browser's own stack first.
    if (error instanceof RangeError) throw new StepLimitError(error.message);
    throw error;
  }
}

class Evaluation {
  private readonly budget = new Budget();
  /** Whether something is made again and again, so that the sizes of results count. */
  private readonly counts: boolean;

  constructor(
    private readonly tree: Tree,
    private readonly context: FeelContext,
    private readonly asked: Asked,
  ) {
    this.counts = repeats(tree.tree);
  }

  value(node: Node, bound: Bound | null): Value {
    switch (node.k) {
      case "value":
        return decode(node.v);
      case "name":
        return this.meaning(node, bound);
      case "path":
        return this.property(this.value(node.of, bound), node.name);
      case "filter":
        return this.filter(node, bound);
      case "call":
        return this.call(node, bound);
      case "list":
        return this.all(node.a, bound);
      case "range": {
        const [low = null, high = null] = this.all(node.a, bound);
        return ops.rangeOf(low, high, ...node.closed);
      }
      case "test":
        return ops.testRange(node.op, this.first(node.a, bound));
      case "context":
        return this.contextOf(node, bound);
      case "negate":
        return ops.negate(this.first(node.a, bound));
      case "lambda":
        return this.lambda(node, bound);
      default:
        return this.operator(node, bound);
    }
  }

  private operator(node: Node, bound: Bound | null): Value {
    switch (node.k) {
      case "arithmetic": {
        const [a = null, b = null] = this.all(node.a, bound);
        if (node.op === "**") this.spend(COSTLY_STEPS);
        return this.sized(ops.ARITHMETIC[node.op]?.(a, b) ?? null);
      }
      case "compare": {
        const [a = null, b = null] = this.all(node.a, bound);
        return ops.compare(node.op, this.weighed(a), this.weighed(b));
      }
      case "logic":
        return this.logic(node.op, node.a, bound);
      case "between": {
        const [value = null, low = null, high = null] = this.all(node.a, bound);
        return ops.between(value, low, high);
      }
      case "in":
        return this.tested(this.value(node.of, bound), node.a, bound);
      case "tests":
        return this.tests(node, bound);
      case "instance": {
        const value = this.value(node.of, bound);
        const of = typeOf(node.type);
        return of !== null && instanceOf(value, of);
      }
      case "if": {
        const [condition, then, otherwise] = node.a;
        const taken = condition !== undefined && this.value(condition, bound) === true ? then : otherwise;
        return taken === undefined ? null : this.value(taken, bound);
      }
      case "for":
        return this.for(node, bound);
      case "quantified":
        return this.quantified(node, bound);
      default:
        throw new TypeError(`the tree has a node ${node.k} that this program does not know`);
    }
  }

  private all(nodes: readonly Node[], bound: Bound | null): Value[] {
    return nodes.map((node) => this.value(node, bound));
  }

  private first(nodes: readonly Node[], bound: Bound | null): Value {
    return nodes[0] === undefined ? null : this.value(nodes[0], bound);
  }

  private sized(value: Value): Value {
    if (!this.counts) return value;
    if (typeof value === "string") this.budget.spend(Math.floor(lengthOf(value) / CHARACTERS_A_STEP));
    else if (Array.isArray(value)) this.budget.spend(value.length);
    else if (value instanceof Map) this.budget.spend(value.size);
    return value;
  }

  private property(base: Value, name: string): Value {
    return get(Array.isArray(base) ? this.weighed(base) : base, name);
  }

  private spend(steps: number): void {
    if (this.counts) this.budget.spend(steps);
  }

  /** Count all that is in a value: what is small may hold the same list often. */
  private weighed(value: Value): Value {
    if (!this.counts) return value;
    const pending: Value[] = [value];
    while (pending.length > 0) {
      const found = this.sized(pending.pop() ?? null);
      const parts = Array.isArray(found) ? found : found instanceof Map ? found.values() : [];
      for (const part of parts) if (Array.isArray(part) || part instanceof Map) pending.push(part);
    }
    return value;
  }

  private meaning(name: Meaning, bound: Bound | null): Value {
    switch (name.b) {
      case "var":
        return look(bound, name.of, name.name);
      case "field":
        return get(this.context.get(this.tree.subject) ?? null, name.name);
      case "root": {
        const builtin = name.builtin === true && !this.context.has(name.name) ? BUILTINS.get(name.name) : undefined;
        return builtin === undefined ? (this.context.get(name.name) ?? null) : builtin.value(this.asked);
      }
      case "function":
        return BUILTINS.get(name.name)?.value(this.asked) ?? null;
      case "item": {
        const item = look(bound, name.of, "item");
        if (name.else === undefined) return get(item, name.name);
        const entries = entriesOf(item);
        return entries?.has(name.name) ? (entries.get(name.name) ?? null) : this.meaning(name.else, bound);
      }
    }
  }

  private logic(operator: "and" | "or", parts: readonly Node[], bound: Bound | null): Value {
    const decisive = operator === "or";
    const join = operator === "and" ? ops.and : ops.or;
    let result: boolean | null = !decisive;
    for (const part of parts) {
      result = join(result, this.value(part, bound));
      if (result === decisive) break;
    }
    return result;
  }

  private tested(value: Value, tests: readonly Node[], bound: Bound | null): Value {
    const results = tests.map((test) => this.test(value, test, bound));
    return results.length === 1 ? (results[0] ?? null) : ops.anyOf(results);
  }

  private test(value: Value, test: Node, bound: Bound | null): Value {
    const found = test.k === "test" ? this.first(test.a, bound) : this.value(test, bound);
    this.weighed(value);
    this.weighed(found);
    return test.k === "test" ? ops.compare(test.op, value, found) : ops.passes(value, found);
  }

  private tests(node: TestsNode, bound: Bound | null): Value {
    if (node.a.length === 0) return !node.not;
    const input = this.context.get("?") ?? null;
    const results = node.a.map((test, at) => (node.alone[at] ? this.value(test, bound) : this.test(input, test, bound)));
    const found = results.length === 1 ? (results[0] ?? null) : ops.anyOf(results);
    return node.not ? found !== true : found;
  }

  private contextOf(node: ContextNode, bound: Bound | null): Value {
    const found: FeelContext = new Map();
    let inner = bound;
    for (const { id, key, v } of node.e) {
      const value = this.value(v, inner);
      found.set(key, value);
      inner = { of: id, name: key, value, before: inner };
    }
    return found.size === node.e.length ? found : null;
  }

  private filter(node: FilterNode, bound: Bound | null): Value {
    const base = this.value(node.of, bound);
    if (node.if.k === "value" && node.if.v.t === "number") return at(base, this.value(node.if, bound));
    if (base === null) return null;
    const items = asList(base);
    const test = (item: Value): Value => this.value(node.if, { of: node.id, name: "item", value: item, before: bound });
    this.budget.spend(items.length);
    const kept: Value[] = [];
    for (const [index, item] of items.entries()) {
      const found = test(item);
      if (index === 0 && kind(found) === "number") return at(base, found);
      if (found === true) kept.push(item);
    }
    if (items.length > 0 || node.if.t === "boolean") return kept;
    return kind(test(null)) === "number" ? null : [];
  }

  private domain(node: Iteration, bound: Bound | null): readonly Value[] | null {
    const value = this.value(node.in, bound);
    if (node.to !== undefined) return this.counted(value, this.value(node.to, bound));
    if (value instanceof FeelRange) {
      const items = this.counted(value.low, value.high);
      return items?.slice(value.lowClosed ? 0 : 1, value.highClosed ? undefined : -1) ?? null;
    }
    if (value === null) return null;
    const items = asList(value);
    this.budget.spend(items.length);
    return items;
  }

  /** The whole numbers or days from one end to the other, downwards too. */
  private counted(low: Value, high: Value): Value[] | null {
    if (low instanceof Decimal && high instanceof Decimal) {
      if (!low.isInteger() || !high.isInteger()) return null;
      const downwards = low.greaterThan(high);
      return this.steps(high.minus(low).abs().toNumber(), (step) => (downwards ? low.minus(step) : low.plus(step)));
    }
    if (!(low instanceof FeelDate && high instanceof FeelDate)) return null;
    const [first, last] = [dayNumber(low), dayNumber(high)];
    return this.steps(Math.abs(last - first), (step) => dateOfNumber(first <= last ? first + step : first - step));
  }

  private steps(distance: number, make: (step: number) => Value): Value[] {
    if (distance + 1 > MAX_LIST) throw new StepLimitError(`a range has more than ${MAX_LIST} elements`);
    this.budget.spend(distance + 1);
    return Array.from({ length: distance + 1 }, (_, step) => make(step));
  }

  /** Run loops inside each other; false when a domain is null or the body says to stop. */
  private nested(iterations: readonly Iteration[], bound: Bound | null, body: (bound: Bound | null) => boolean): boolean {
    const [first, ...others] = iterations;
    if (first === undefined) return body(bound);
    const items = this.domain(first, bound);
    if (items === null) return false;
    return items.every((value) => this.nested(others, { of: first.id, name: first.name, value, before: bound }, body));
  }

  private for(node: ForNode, bound: Bound | null): Value {
    const result: Value[] = [];
    const partial = readsPartial(node.do, node.id);
    const completed = this.nested(node.in, bound, (inner) => {
      const before = partial ? { of: node.id, name: "partial", value: this.sized([...result]), before: inner } : inner;
      result.push(this.value(node.do, before));
      return true;
    });
    return completed ? result : null;
  }

  private quantified(node: QuantifiedNode, bound: Bound | null): Value {
    let [result, decided]: [boolean | null, boolean] = [!node.some, false];
    const completed = this.nested(node.in, bound, (inner) => {
      const found = this.value(node.do, inner);
      if (found === node.some) decided = true;
      else if (found !== !node.some) result = null;
      return !decided;
    });
    if (decided) return node.some;
    return completed ? result : null;
  }

  private lambda(node: LambdaNode, bound: Bound | null): FeelFunction {
    const parameters = node.p.map((one) => one.name);
    return new FeelFunction(parameters, (values) => {
      this.budget.enter();
      try {
        const inner = node.p.reduce((outer, one, at) => parameter(one, values[at] ?? null, outer), bound);
        return this.value(node.do, inner);
      } finally {
        this.budget.leave();
      }
    });
  }

  private call(node: CallNode, bound: Bound | null): Value {
    const builtin = builtinOf(node.f);
    if (builtin === undefined) {
      const called = this.value(node.f, bound);
      return invoke(called, this.all(node.a, bound), node.names ?? []);
    }
    const isShallow = SHALLOW.has(builtin.name);
    const values = this.all(node.a, bound).map((value) => (isShallow ? this.sized(value) : this.weighed(value)));
    this.costs(node, builtin.name, values);
    const result = node.names === undefined ? builtin.call(values, this.asked) : builtin.callNamed(node.names, values, this.asked);
    return this.sized(result);
  }

  /** Count what takes far longer than other steps. */
  private costs(node: CallNode, name: string, values: readonly Value[]): void {
    if (COSTLY.has(name)) this.spend(COSTLY_STEPS);
    if (!this.counts || !PATTERNED.has(name)) return;
    const at = node.names?.findIndex((one) => one === "pattern" || one === "delimiter") ?? 1;
    const pattern = values[at];
    if (typeof pattern === "string" && node.a[at]?.k !== "value") this.budget.compile(pattern);
  }
}

function builtinOf(node: Node): Builtin | undefined {
  if (node.k !== "name") return undefined;
  return node.b === "function" || (node.b === "root" && node.builtin === true) ? BUILTINS.get(node.name) : undefined;
}

function parameter(one: Parameter, value: Value, before: Bound | null): Bound {
  const of = one.type === undefined ? null : typeOf(one.type);
  return { of: one.id, name: one.name, value: of === null ? value : fittedTo(value, of.name), before };
}

function look(bound: Bound | null, of: number, name: string): Value {
  for (let found = bound; found !== null; found = found.before) {
    if (found.of === of && found.name === name) return found.value;
  }
  return null;
}

/** `list[position]`, from 1, or from the end when negative; a value is the list of it. */
function at(value: Value, position: Value): Value {
  if (value === null || !(position instanceof Decimal)) return null;
  const items = asList(value);
  const index = position.toNumber();
  if (!position.isInteger() || index === 0 || Math.abs(index) > items.length) return null;
  return items.at(index > 0 ? index - 1 : index) ?? null;
}

/** Call a function value; what is no function, or is called wrongly, gives null. */
function invoke(called: Value, values: readonly Value[], names: readonly string[]): Value {
  if (!(called instanceof FeelFunction)) return null;
  const { parameters } = called;
  if (parameters === null) return names.length > 0 ? null : called.call(values);
  if (names.length === 0) return values.length === parameters.length ? called.call(values) : null;
  if (names.length !== parameters.length || !parameters.every((name) => names.includes(name))) return null;
  return called.call(parameters.map((name) => values[names.lastIndexOf(name)] ?? null));
}

function repeats(tree: Node): boolean {
  return someNode(tree, (node) => typeof node.k === "string" && REPEATING.has(node.k));
}

function readsPartial(body: Node, loop: number): boolean {
  return someNode(body, (node) => node.b === "var" && node.of === loop && node.name === "partial");
}

/** Whether a claim holds of a node, or of a meaning of a name, somewhere below. */
function someNode(node: unknown, holds: (node: Record<string, unknown>) => boolean): boolean {
  if (Array.isArray(node)) return node.some((one) => someNode(one, holds));
  if (typeof node !== "object" || node === null) return false;
  return holds(node as Record<string, unknown>) || Object.values(node).some((one) => someNode(one, holds));
}
