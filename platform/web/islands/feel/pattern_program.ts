// Patterns as programs that run in time linear in the text: every way is followed at once.
import type { Choice, Part } from "./pattern_syntax.ts";

type Step =
  | { s: "one"; test: (character: string) => boolean }
  | { s: "fork"; first: number; second: number }
  | { s: "go"; to: number }
  | { s: "keep"; slot: number }
  | { s: "start" | "end" | "found" };

/** Where a match and its groups lie: start and end by pairs, -1 where a group took no part. */
export type Found = readonly number[];

const MOST_STEPS = 20_000;
const MOST_WORK = 30_000_000;

export class TooMuchError extends Error {}

export class Program {
  private readonly steps: Step[] = [];

  constructor(
    choice: Choice,
    private readonly groups: number,
    private readonly flags: string,
  ) {
    this.keep(0, () => this.choice(choice));
    this.put({ s: "found" });
  }

  private put(step: Step): number {
    if (this.steps.length >= MOST_STEPS) throw new TooMuchError("the pattern is too large");
    return this.steps.push(step) - 1;
  }

  private keep(group: number, write: () => void): void {
    this.put({ s: "keep", slot: group * 2 });
    write();
    this.put({ s: "keep", slot: group * 2 + 1 });
  }

  private choice(choice: Choice): void {
    const ends: number[] = [];
    choice.forEach((row, at) => {
      const isLast = at === choice.length - 1;
      const fork = isLast ? -1 : this.fork(false);
      for (const part of row) this.part(part);
      if (isLast) return;
      ends.push(this.put({ s: "go", to: 0 }));
      this.join(fork);
    });
    for (const end of ends) this.steps[end] = { s: "go", to: this.steps.length };
  }

  private part(part: Part): void {
    if (part.p === "class") this.put({ s: "one", test: tester(part.source, this.flags.includes("i")) });
    else if (part.p === "group") {
      if (part.number === null) this.choice(part.of);
      else this.keep(part.number, () => this.choice(part.of));
    } else if (part.p === "repeat") this.repeat(part);
    else if (part.p !== "back") this.put({ s: part.p });
  }

  private repeat(part: Part & { p: "repeat" }): void {
    const { of, least, most, lazy } = part;
    if (most === Infinity) {
      for (let count = 1; count < least; count += 1) this.part(of);
      const fork = least === 0 ? this.fork(lazy) : -1;
      const again = this.steps.length;
      this.part(of);
      const loop = this.fork(lazy, again);
      this.join(loop);
      if (fork >= 0) this.join(fork);
      return;
    }
    for (let count = 0; count < least; count += 1) this.part(of);
    const forks: number[] = [];
    for (let count = least; count < most; count += 1) {
      forks.push(this.fork(lazy));
      this.part(of);
    }
    for (const fork of forks) this.join(fork);
  }

  /** Write a fork: into what follows (or back to `inside`), or out to where it is joined. */
  private fork(lazy: boolean, inside = this.steps.length + 1): number {
    return this.put(lazy ? { s: "fork", first: -1, second: inside } : { s: "fork", first: inside, second: -1 });
  }

  private join(at: number): void {
    const step = this.steps[at];
    if (step?.s !== "fork") return;
    const here = this.steps.length;
    this.steps[at] = step.first === -1 ? { ...step, first: here } : { ...step, second: here };
  }

  /** The leftmost match from a position on, with the first ways preferred. */
  search(text: readonly string[], from: number): Found | null {
    let threads: Thread[] = [];
    let found: Found | null = null;
    let work = 0;
    for (let at = from; at <= text.length; at += 1) {
      if (found === null) this.follow(threads, seenBy(threads), 0, at, text, Array<number>(2 * this.groups + 2).fill(-1));
      if (threads.length === 0 && found !== null) break;
      const next: Thread[] = [];
      const seen = new Set<number>();
      work += threads.length;
      if (work > MOST_WORK) throw new TooMuchError("the pattern takes too many steps");
      for (const thread of threads) {
        const step = this.steps[thread.at];
        if (step?.s === "found") {
          found = thread.kept;
          break;
        }
        const character = text[at];
        if (step?.s === "one" && character !== undefined && step.test(character)) {
          this.follow(next, seen, thread.at + 1, at + 1, text, thread.kept);
        }
      }
      threads = next;
    }
    return found;
  }

  /** Add what can be reached without taking a character, first ways first. */
  private follow(
    threads: Thread[], seen: Set<number>, start: number, at: number, text: readonly string[], kept: readonly number[],
  ): void {
    const pending: [number, readonly number[]][] = [[start, kept]];
    for (let top = pending.pop(); top !== undefined; top = pending.pop()) {
      const [place, slots] = top;
      if (seen.has(place)) continue;
      seen.add(place);
      const step = this.steps[place];
      if (step === undefined) continue;
      if (step.s === "one" || step.s === "found") threads.push({ at: place, kept: slots });
      else if (step.s === "go") pending.push([step.to, slots]);
      else if (step.s === "fork") pending.push([step.second, slots], [step.first, slots]);
      else if (step.s === "keep") pending.push([place + 1, slots.with(step.slot, at)]);
      else if (step.s === "start" ? this.starts(text, at) : this.ends(text, at)) pending.push([place + 1, slots]);
    }
  }

  private starts(text: readonly string[], at: number): boolean {
    return at === 0 || (this.flags.includes("m") && text[at - 1] === "\n");
  }

  private ends(text: readonly string[], at: number): boolean {
    return at === text.length || (this.flags.includes("m") && text[at] === "\n");
  }
}

interface Thread {
  at: number;
  kept: readonly number[];
}

function seenBy(threads: readonly Thread[]): Set<number> {
  return new Set(threads.map((thread) => thread.at));
}

function tester(source: string, folded: boolean): (character: string) => boolean {
  const expression = new RegExp(`^${source}$`, folded ? "iv" : "v");
  const known = new Map<string, boolean>();
  return (character) => {
    let answer = known.get(character);
    if (answer === undefined) {
      answer = expression.test(character);
      if (known.size < 1_000) known.set(character, answer);
    }
    return answer;
  };
}
