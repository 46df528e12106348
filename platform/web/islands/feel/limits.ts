// How much an expression may do; the numbers are those of platform/expressions/limits.py.
export const MAX_DEPTH = 100;
export const MAX_STEPS = 200_000;
export const MAX_LIST = 100_000;
export const MAX_STRING = 1_000_000;
export const MAX_PARTS = 150_000;
export const COSTLY_STEPS = 40;
export const CHARACTERS_A_STEP = 50;
export const PATTERN_STEPS = 5_000;
export const MAX_PATTERN_WEIGHT = 100_000;
export const PROPERTY_WEIGHT = 1_000;
export const MAX_CALLS = 40;
export const DIGITS = 34;
export const MAX_EXPONENT = 6_144;
export const MAX_NUMBER_TEXT = 1_000;
export const MAX_PATTERN = 1_000;
export const MAX_BACKTRACK_TEXT = 256;
export const MAX_BACKTRACK_REPEATS = 3;
export const MAX_YEAR = 999_999_999;

export class StepLimitError extends Error {}

/** What one evaluation may still do. */
export class Budget {
  private steps = MAX_STEPS;
  private calls = 0;
  private readonly patterns = new Set<string>();

  spend(steps: number): void {
    this.steps -= steps;
    if (this.steps < 0) throw new StepLimitError(`the expression takes more than ${MAX_STEPS} steps`);
  }

  /** Count a pattern that is computed, once for each. */
  compile(pattern: string): void {
    if (this.patterns.has(pattern)) return;
    this.patterns.add(pattern);
    this.spend(PATTERN_STEPS);
  }

  enter(): void {
    this.spend(1);
    this.calls += 1;
    if (this.calls > MAX_CALLS) throw new StepLimitError(`functions call each other deeper than ${MAX_CALLS}`);
  }

  leave(): void {
    this.calls -= 1;
  }
}
