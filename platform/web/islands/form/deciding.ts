// Decides a form: what its expressions give for the texts in its inputs. Knows nothing of the page.
import { evaluateTree } from "../feel/evaluate.ts";
import type { Wire } from "../feel/index.ts";
import { StepLimitError } from "../feel/limits.ts";
import { momentNanos, momentOfNanos, parseMoment } from "../feel/temporal.ts";
import { FeelRecord, type Value } from "../feel/values.ts";
import { TooLargeError, decodeEntries, encode } from "../feel/wire.ts";
import { zoneOf } from "../feel/zones.ts";
import { readInput } from "./reading.ts";
import type { FieldSpec, FormSpec, Kind, Known, Outcome, Rule, Sent, State, Told } from "./spec.ts";

const NOTHING: Told = { t: "null" };
const UNKNOWN: Told = { t: "unknown" };
/** What a new record holds where nothing was put in. */
const EMPTY: Partial<Record<Kind, Told>> = { boolean: { t: "boolean", v: false }, refs: { t: "list", v: [] } };
const FLAGS = ["visible", "required", "readonly"] as const;
const MOST_ROWS = 500;

/** A record of the form: its own, or a child row. */
interface Frame {
  /** What the names of its inputs begin with: nothing, or `lines.0.`. */
  prefix: string;
  /** Where its references are known under: nothing, or `lines.`. */
  place: string;
  object: string;
  id: string;
  fields: Record<string, FieldSpec>;
  parent?: { frame: Frame; link: string };
  made: Map<string, Told>;
}

/** The steps that are read behind a name. */
type Steps = Map<string, Steps>;

export class Decider {
  private readonly titles = new Map<string, string>();
  private sent: Sent = new Map();
  /** Texts of inputs that are not sent while they are hidden: what child rows hold there. */
  private resting: Sent = new Map();
  private now: Value = null;
  private wanted = new Map<string, { frame: Frame; field: string; ids: Set<string> }>();

  constructor(
    readonly form: FormSpec,
    readonly known: Known,
  ) {
    this.remember(Object.values(known.behind).flatMap((records) => Object.values(records)));
    this.remember([...Object.values(known.stored), ...(known.user ? [known.user] : [])]);
  }

  /** Take what the server told of records. */
  learn(name: string, records: Record<string, Told>): void {
    Object.assign((this.known.behind[name] ??= {}), records);
    this.remember(Object.values(records));
  }

  decide(sent: Sent, resting: Sent, moment: number): Outcome {
    [this.sent, this.resting, this.wanted] = [sent, resting, new Map()];
    this.now = inZone(moment, this.form.zone);
    const main: Frame = { prefix: "", place: "", object: this.form.object, id: this.known.id, fields: this.form.fields, made: new Map() };
    const outcome: Outcome = { fields: new Map(), sections: new Map(), wanted: [], unsure: false };
    this.decideFrame(main, outcome);
    for (const key of Object.keys(this.form.rows)) for (const row of this.rows(main, key)) this.decideFrame(row, outcome);
    for (const [place, rule] of Object.entries(this.form.sections)) {
      const shown = this.condition(rule, main, outcome);
      if (shown !== undefined) outcome.sections.set(place, shown);
    }
    outcome.wanted = [...this.wanted].map(([name, { frame, field, ids }]) => (
      { object: frame.object, field, name, ids: [...ids], paths: frame.fields[field]?.behind ?? [] }
    ));
    return outcome;
  }

  /** The value of one input, without what lies behind it. */
  read(spec: FieldSpec, name: string, sent: Sent): Told | undefined {
    return readInput(spec.kind, name, sent, this.form.zone);
  }

  private decideFrame(frame: Frame, outcome: Outcome): void {
    for (const [key, spec] of Object.entries(frame.fields)) {
      const state: State = {};
      for (const flag of FLAGS) {
        const rule = spec[flag];
        const holds = rule && this.condition(rule, frame, outcome);
        if (holds !== undefined) state[flag] = holds;
      }
      const making = this.making(spec, frame);
      if (making && spec.show) state.value = this.titled(this.field(frame, key));
      if (spec.default && this.begins(frame)) state.default = this.titled(this.evaluated(spec.default, frame));
      outcome.fields.set(frame.prefix + key, { spec, state });
    }
  }

  private condition(rule: Rule, frame: Frame, outcome: Outcome): boolean | undefined {
    const found = this.evaluated(rule, frame);
    if (found.t !== "unknown") return found.t === "boolean" && found.v;
    outcome.unsure = true;
    return undefined;
  }

  private making(spec: FieldSpec, frame: Frame): Rule | undefined {
    return spec.value ?? (frame.id === "" ? spec.begin : undefined);
  }

  /** Whether defaults apply: to what is not stored yet, and of rows to those that somebody began. */
  private begins(frame: Frame): boolean {
    return frame.id === "" && (frame.parent === undefined || !this.isBlank(frame));
  }

  /** The rows of a list; `NEW` stands for none. Rows that are to be removed are not there. */
  private rows(main: Frame, key: string): Frame[] {
    const spec = this.form.rows[key];
    if (!spec) return [];
    const places = new Set<string>();
    for (const name of [...this.sent.keys(), ...this.resting.keys()]) {
      const place = name.startsWith(`${key}.`) ? (name.slice(key.length + 1).split(".")[0] ?? "") : "";
      if (/^\d{1,20}$/.test(place) && places.size < MOST_ROWS) places.add(place);
    }
    const frames = [...places].map((place): Frame => {
      const prefix = `${key}.${place}.`;
      const id = (this.sent.get(`${prefix}id`) ?? this.resting.get(`${prefix}id`))?.at(-1) ?? "";
      return { prefix, place: `${key}.`, object: spec.object, id, fields: spec.fields, parent: { frame: main, link: spec.link }, made: new Map() };
    });
    return frames.filter(({ prefix }) => !this.sent.get(`${prefix}_remove`)?.at(-1));
  }

  /** Whether nobody has put anything into a new row, so that it is not sent. */
  private isBlank(frame: Frame): boolean {
    if (frame.id !== "") return false;
    for (const [name, texts] of this.sent) {
      const rest = name.startsWith(frame.prefix) ? name.slice(frame.prefix.length) : "id";
      if (rest !== "id" && texts.some((text) => text.trim() !== "" && text !== "false")) return false;
    }
    return true;
  }

  private evaluated(rule: Rule, frame: Frame): Told {
    const context: Record<string, Told> = {};
    for (const [root, steps] of stepsOf(rule.reads)) {
      const value = this.root(root, steps, frame);
      if (!isKnown(value, steps)) return UNKNOWN;
      context[root] = narrowed(value, steps);
    }
    try {
      const value = evaluateTree(rule.tree, decodeEntries(context as Record<string, Wire>), this.now);
      return value instanceof FeelRecord ? { t: "record", id: value.id, v: {} } : encode(value);
    } catch (error) {
      if (error instanceof StepLimitError || error instanceof TooLargeError) return NOTHING;
      throw error;
    }
  }

  private root(root: string, steps: Steps, frame: Frame): Told {
    if (root === "record") return this.record(frame, steps);
    if (root === "user") return this.known.user ?? NOTHING;
    return { t: "record", id: "settings", v: this.known.settings ?? {} };
  }

  private record(frame: Frame, steps: Steps): Told {
    const found: Record<string, Told> = {};
    for (const [name, below] of steps) {
      if (name === frame.parent?.link) found[name] = this.record(frame.parent.frame, below);
      else if (!frame.parent && this.form.rows[name]) {
        const rows = this.rows(frame, name).filter((row) => !this.isBlank(row));
        found[name] = { t: "list", v: rows.map((row) => this.record(row, below)) };
      } else found[name] = this.field(frame, name);
    }
    return { t: "record", id: frame.id, v: found };
  }

  private field(frame: Frame, name: string): Told {
    const before = frame.made.get(name);
    if (before) return before;
    // No value is made of itself; whoever asks for it meanwhile finds nothing.
    frame.made.set(name, NOTHING);
    const found = this.made(frame, name);
    frame.made.set(name, found);
    return found;
  }

  private made(frame: Frame, name: string): Told {
    const spec = frame.fields[name];
    if (!spec) return this.stored(frame, name);
    const making = this.making(spec, frame);
    if (making) return this.evaluated(making, frame);
    if (spec.begin && frame.parent) return UNKNOWN;
    const full = frame.prefix + name;
    let read = readInput(spec.kind, full, this.sent, this.form.zone);
    if (read === undefined && frame.parent) read = readInput(spec.kind, full, this.resting, this.form.zone);
    // A new record begins with its default where an input is left blank.
    const blank = read === undefined || isNothing(read);
    if (frame.id === "" && spec.default && blank) return this.evaluated(spec.default, frame);
    if (frame.id === "" && blank) return EMPTY[spec.kind] ?? this.stored(frame, name);
    if (read === undefined) return this.stored(frame, name);
    return this.followed(read, frame, name, spec);
  }

  private stored(frame: Frame, name: string): Told {
    // What a stored row holds behind a text that cannot be read, only the server knows.
    if (frame.parent) return frame.id === "" ? NOTHING : UNKNOWN;
    return this.known.stored[name] ?? NOTHING;
  }

  /** A reference with what is read behind it, as far as the server has told it. */
  private followed(value: Told, frame: Frame, name: string, spec: FieldSpec): Told {
    if (value.t === "list") return { t: "list", v: value.v.map((one) => this.followed(one, frame, name, spec)) };
    if (value.t !== "record") return value;
    if (value.title) this.titles.set(value.id, value.title);
    if (!spec.behind) return value;
    const place = frame.place + name;
    const found = this.known.behind[place]?.[value.id];
    if (found) return found;
    const kept = frame.parent ? undefined : this.known.stored[name];
    if (kept?.t === "record" && kept.id === value.id) return kept;
    const asked = this.wanted.get(place) ?? { frame, field: name, ids: new Set<string>() };
    this.wanted.set(place, asked);
    asked.ids.add(value.id);
    return UNKNOWN;
  }

  private titled(value: Told): Told {
    return value.t === "record" ? { ...value, title: value.title ?? this.titles.get(value.id) ?? "" } : value;
  }

  private remember(values: readonly Told[]): void {
    for (const value of values) {
      if (value.t === "list") this.remember(value.v);
      if (value.t !== "record") continue;
      if (value.title) this.titles.set(value.id, value.title);
      this.remember(Object.values(value.v));
    }
  }
}

function stepsOf(reads: readonly string[][]): Steps {
  const found: Steps = new Map();
  for (const path of reads) {
    let level = found;
    for (const step of path) {
      const below = level.get(step) ?? (new Map() as Steps);
      level.set(step, below);
      level = below;
    }
  }
  return found;
}

/** Whether everything that is read behind a value was told. */
function isKnown(value: Told, steps: Steps): boolean {
  if (value.t === "unknown") return false;
  if (value.t === "list") return value.v.every((one) => isKnown(one, steps));
  if (value.t !== "record" && value.t !== "context") return true;
  for (const [step, below] of steps) {
    const found = value.v[step] as Told | undefined;
    if (found === undefined ? value.t === "record" : !isKnown(found, below)) return false;
  }
  return true;
}

/** A value with no more than what is read behind it; other expressions may read what is unknown. */
function narrowed(value: Told, steps: Steps): Told {
  if (value.t === "list") return { t: "list", v: value.v.map((one) => narrowed(one, steps)) };
  if (value.t !== "record") return value;
  const found = [...steps].map(([step, below]) => [step, narrowed(value.v[step] ?? NOTHING, below)] as const);
  return { t: "record", id: value.id, v: Object.fromEntries(found) };
}

function isNothing(value: Told): boolean {
  return value.t === "null" || (value.t === "list" && value.v.length === 0);
}

/** The moment as `now()` has it: on the wall clock of the person's zone. */
function inZone(moment: number, zone: string): Value {
  const utc = parseMoment(new Date(moment).toISOString());
  const there = zoneOf(zone === "UTC" ? "Z" : `@${zone}`);
  return utc === null || there === null ? utc : momentOfNanos(momentNanos(utc), there);
}
