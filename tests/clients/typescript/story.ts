// The story of a service, through the generated TypeScript client: asked, refused, taught, taken back.
//
//     node build/story.js ADDRESS KEY READER FIRST
//
// KEY has the role operate, READER the role predict; FIRST is the first key of the rows to write. `shape` is
// what differs between configurations.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, type Schemas } from "./client.js";
import * as shape from "./shape.js";

type Client = ReturnType<typeof createClient>;
type Answer<T> = { data?: T; error?: unknown };

const PATIENCE_MS = 60_000;

/** A client that sends this key. */
function withKey(baseUrl: string, key: string): Client {
  return createClient({ baseUrl, headers: { Authorization: `Bearer ${key}` } });
}

/** What was answered, where nothing was refused. */
function given<T>({ data, error }: Answer<T>): T {
  assert.ok(data !== undefined, JSON.stringify(error));
  return data;
}

/** What was refused, and why. */
function refused(answer: { error?: Schemas["Problem"] }): Schemas["Problem"] {
  assert.ok(answer.error !== undefined);
  return answer.error;
}

function isClose(one: number, other: number): void {
  assert.ok(Math.abs(one - other) < 1e-9, `${one} is not ${other}`);
}

async function asks(client: Client): Promise<void> {
  const schema = given(await client.GET("/v1/schema"));
  assert.deepEqual(
    schema.features.map((feature) => feature.name),
    Object.keys(shape.refused()),
  );
  assert.deepEqual(schema.classes, shape.CLASSES);
  const body = shape.asked();
  const alone = given(await client.POST("/v1/predict", { body }));
  assert.deepEqual(alone.model, schema.model);
  const shares = Object.values(alone.probabilities);
  isClose(shares.reduce((sum, share) => sum + share), 1);
  assert.equal(alone.probabilities[alone.label], Math.max(...shares));
  assert.deepEqual(
    alone.warnings.map((warning) => [warning.feature, warning.kind]),
    shape.WARNINGS,
  );
  const both = given(await client.POST("/v1/predict/batch", { body: { instances: [body, body] } }));
  assert.deepEqual(both.model, alone.model);
  assert.equal(both.predictions.length, 2);
  for (const one of both.predictions) assert.deepEqual(one.probabilities, alone.probabilities);
  const table = [Object.keys(body).join(), Object.values(body).join()].join("\n");
  const answered = await client.POST("/v1/predict/csv", {
    body: table,
    bodySerializer: (text) => text,
    headers: { "Content-Type": "application/octet-stream" },
    parseAs: "text",
  });
  const [header = "", line = ""] = given(answered).split("\n");
  assert.deepEqual(header.split(","), ["label", ...shape.CLASSES.map((name) => `probability_${name}`)]);
  const [label, ...row] = line.split(",");
  assert.equal(label, alone.label);
  assert.deepEqual(row.map(Number), shape.CLASSES.map((name) => alone.probabilities[name]));
  const params = { query: { explain: true } };
  checkExplanation(given(await client.POST("/v1/predict", { params, body })));
}

/** The parts add up: to the log-odds, or to scores whose softmax are the probabilities. */
function checkExplanation(explained: Schemas["Prediction"]): void {
  const scores = shape.scores(explained);
  if (scores.size === 1) {
    for (const score of scores.values()) isClose(score, explained.log_odds ?? NaN);
    return;
  }
  const total = [...scores.values()].reduce((sum, score) => sum + Math.exp(score), 0);
  for (const [name, score] of scores) isClose(Math.exp(score) / total, explained.probabilities[name] ?? NaN);
}

async function isRefused(client: Client): Promise<void> {
  const problem = refused(await client.POST("/v1/predict", { body: shape.refused() }));
  assert.deepEqual([problem.status, problem.code], [400, "invalid_instance"]);
  assert.deepEqual(
    problem.errors?.map((fault) => fault.pointer),
    shape.POINTERS,
  );
  const path = { version: 99 };
  const missing = refused(await client.GET("/v1/models/{version}", { params: { path } }));
  assert.deepEqual([missing.status, missing.code], [404, "not_found"]);
}

/** Writes two rows, changes one, deletes the other: one more than there was. */
async function ingests(client: Client, first: number): Promise<void> {
  const features = shape.asked();
  const [label, other] = shape.CLASSES;
  const observations = [
    { key: first, features, label },
    { key: first + 1, features, label: other },
  ];
  const written = given(await client.POST("/v1/observations", { body: { observations } }));
  assert.equal(written.written, 2);
  const params = { path: { key: String(first) } };
  const body = { features, label: other };
  const changed = given(await client.PUT("/v1/observations/{key}", { params, body }));
  assert.deepEqual([changed.key, changed.label], [first, other]);
  const found = given(await client.GET("/v1/observations/{key}", { params }));
  assert.deepEqual(found, changed);
  assert.deepEqual(found.features, features);
  const listed = given(await client.GET("/v1/observations", { params: { query: { limit: 3 } } }));
  assert.ok(listed.items.length === 3 && listed.next_cursor !== undefined);
  const second = { path: { key: String(first + 1) } };
  const gone = await client.DELETE("/v1/observations/{key}", { params: second });
  assert.equal(gone.response.status, 204);
  const missing = refused(await client.GET("/v1/observations/{key}", { params: second }));
  assert.equal(missing.code, "not_found");
  const fault = { key: first, features: shape.refused(), label: "no class" };
  const problem = refused(await client.POST("/v1/observations", { body: fault }));
  assert.equal(problem.errors?.length, shape.POINTERS.length + 1);
}

/** Asks for a run and waits for its end; the version that it made has seen the new row. */
async function trains(client: Client): Promise<number> {
  const [before] = given(await client.GET("/v1/models")).items;
  const accepted = await client.POST("/v1/training-runs");
  let run = given(accepted);
  assert.equal(accepted.response.status, 202);
  assert.equal(accepted.response.headers.get("location"), `/v1/training-runs/${run.id}`);
  const deadline = Date.now() + PATIENCE_MS;
  const params = { path: { id: run.id } };
  while (run.finished_at === undefined) {
    assert.ok(Date.now() < deadline, JSON.stringify(run));
    await sleep(50);
    run = given(await client.GET("/v1/training-runs/{id}", { params }));
  }
  assert.ok(["promoted", "kept"].includes(run.status), JSON.stringify(run));
  assert.equal(run.gate?.decision, run.status);
  assert.ok(run.version !== undefined && before !== undefined);
  const path = { version: run.version };
  const made = given(await client.GET("/v1/models/{version}", { params: { path } }));
  assert.equal(made.training_run, run.id);
  assert.equal(made.rows.fitted, before.rows.fitted + 1);
  return run.version;
}

/** Lists what there is, puts another version in place, and takes that back. */
async function goesBack(client: Client, version: number): Promise<void> {
  const newest = given(await client.GET("/v1/models", { params: { query: { limit: 1 } } }));
  assert.deepEqual(newest.items.map((item) => item.version), [version]);
  assert.ok(newest.next_cursor !== undefined);
  const query = { cursor: newest.next_cursor };
  const older = given(await client.GET("/v1/models", { params: { query } })).items;
  const versions = [version, ...older.map((item) => item.version)];
  assert.deepEqual(versions, Array.from({ length: version }, (_, index) => version - index));
  const serves = given(await client.GET("/v1/models/champion")).version;
  const other = versions.find((item) => item !== serves) ?? NaN;
  const promoted = given(
    await client.POST("/v1/models/{version}/promote", {
      params: { path: { version: other } },
      body: { reason: "to see it serve", pin: false },
    }),
  );
  assert.deepEqual([promoted.version, promoted.action, promoted.pinned], [other, "promote", false]);
  const back = given(await client.POST("/v1/models/rollback", { body: { reason: "no" } }));
  assert.deepEqual([back.version, back.action, back.pinned], [serves, "roll_back", true]);
  assert.equal(back.deployed_by, "ci");
  const reason = { query: { reason: "the story is over" } };
  const free = given(await client.DELETE("/v1/models/pin", { params: reason }));
  const history = given(await client.GET("/v1/deployments", { params: { query: { limit: 3 } } }));
  const sequences = history.items.map((entry) => entry.sequence);
  assert.deepEqual(sequences, [free.sequence, back.sequence, promoted.sequence]);
}

async function hasTheWrongKey(address: string, reader: string): Promise<void> {
  const body = shape.asked();
  const stranger = refused(await withKey(address, "wrong").POST("/v1/predict", { body }));
  assert.deepEqual([stranger.status, stranger.code], [401, "unauthorized"]);
  const client = withKey(address, reader);
  given(await client.POST("/v1/predict", { body }));
  const forbidden = refused(await client.POST("/v1/training-runs"));
  assert.deepEqual([forbidden.status, forbidden.code], [403, "forbidden"]);
}

const [address = "", key = "", reader = "", first = ""] = process.argv.slice(2);
const client = withKey(address, key);
await asks(client);
await isRefused(client);
await ingests(client, Number(first));
await goesBack(client, await trains(client));
await hasTheWrongKey(address, reader);
console.log("the story in TypeScript: told");
