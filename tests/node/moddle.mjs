// Reads BPMN files as bpmn-js does. Each line of input is a path; the answer is a line with the warnings.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { BpmnModdle } from "bpmn-moddle";

for await (const path of createInterface({ input: process.stdin })) {
  let told;
  try {
    const { warnings, rootElement } = await new BpmnModdle().fromXML(readFileSync(path, "utf-8"));
    told = rootElement ? warnings.map((one) => one.message) : ["no root"];
  } catch (error) {
    told = [`refused: ${error.message}`];
  }
  process.stdout.write(`${JSON.stringify(told)}\n`);
}
