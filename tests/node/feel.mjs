// Evaluates expressions as the browser does. A line of input holds a tree, contexts and the moment; the answer is a line with
// the value for each context. `{"functions": true}` asks for the forms of the built-in functions instead.
import { createInterface } from "node:readline";
import { evaluate } from "../../platform/web/islands/feel/index.ts";
import { BUILTINS } from "../../platform/web/islands/feel/functions/table.ts";

function formsOf(builtin) {
  return builtin.forms.map((form) => ({
    parameters: form.parameters.map(({ name, kinds, optional, nullable }) => [name, [...kinds].sort(), optional, nullable]),
    variadic: form.variadic,
    rest: form.rest,
  }));
}

function answer({ tree, contexts, now = null, functions = false }) {
  if (functions) return Object.fromEntries([...BUILTINS].map(([name, builtin]) => [name, formsOf(builtin)]));
  return contexts.map((context) => {
    try {
      return evaluate(tree, context, now);
    } catch (error) {
      return { t: "failed", v: String(error.stack) };
    }
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
