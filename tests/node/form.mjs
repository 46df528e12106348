// Decides forms as the browser does. A line of input holds a form, what is known and the texts of inputs; the answer is a line
// with what holds for each.
import { createInterface } from "node:readline";
import { Decider } from "../../platform/web/islands/form/deciding.ts";
import { say } from "../../platform/web/islands/form/telling.ts";

function plain(outcome, form) {
  const fields = [...outcome.fields].map(([name, { spec, state }]) => [
    name,
    { ...state, ...(state.value && spec.show ? { told: say(state.value, spec.show, form) } : {}) },
  ]);
  return { fields: Object.fromEntries(fields), sections: Object.fromEntries(outcome.sections), wanted: outcome.wanted, unsure: outcome.unsure };
}

function answer({ form, known, sents, learnt = {} }) {
  return sents.map((sent) => {
    const decider = new Decider(form, structuredClone(known));
    for (const [name, records] of Object.entries(learnt)) decider.learn(name, records);
    return plain(decider.decide(new Map(Object.entries(sent)), new Map(), known.now), form);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
