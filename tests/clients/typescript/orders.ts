// What the story says of `configurations/orders.toml`: three classes, a value that may be missing.
import assert from "node:assert/strict";
import type { Schemas } from "./client.js";

export const CLASSES: [string, string, string] = ["kept", "returned", "lost"];
export const POINTERS = ["/Order Total", "/class"];
export const WARNINGS = [["class", "imputed"]];

export function asked(): Schemas["Instance"] {
  return { "Order Total": 99.5 };
}

export function refused(): Schemas["Instance"] {
  return { "Order Total": -1, class: -2 };
}

/** Each class's score, from the parts of the explanation. */
export function scores({ baseline, contributions }: Schemas["Prediction"]): Map<string, number> {
  assert.ok(baseline !== undefined && contributions !== undefined);
  const score = ([name, parts]: [string, Schemas["FeatureContributions"]]): [string, number] => [
    name,
    Object.values(parts).reduce((sum, part) => sum + part, baseline[name] ?? NaN),
  ];
  return new Map(Object.entries(contributions).map(score));
}
