// A laboratory sends results to Samjournal: the whole story of an integration, with Node's own fetch only (Node 18 or newer).
//
//     node example.mjs [http://127.0.0.1:8000] [system|value of a patient's identifier]

import { randomUUID } from "node:crypto";

const LAB = "urn:example:laboratory"; // The system of your own numbers: choose one, and keep it.
const ATTEMPTS = 5;
const JSON_OF_FHIR = "application/fhir+json";

/** An answer that is an error. `code` is that of the catalogue, docs/reference/errors.md. */
class Refused extends Error {
  constructor(status, outcome) {
    const issues = outcome.issue ?? [];
    const codings = issues.flatMap((issue) => issue.details?.coding ?? []);
    const code = codings.find((one) => one.system === "urn:samjournal:error")?.code ?? "";
    super(`${status} ${code}: ${issues.map((issue) => issue.diagnostics).join("; ")}`);
    this.status = status;
    this.code = code;
  }
}

/** Requests with a token. Whatever may be sent twice is sent again when the server asks for patience. */
class Client {
  static async signedIn(base, clientId) {
    const client = Object.assign(new Client(), { base, clientId });
    await client.signIn();
    return client;
  }

  /** Get a token: it is valid for four hours, and a new one is had in the same way. */
  async signIn() {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: this.clientId });
    const answer = await fetch(`${this.base}/sandbox/token`, { method: "POST", body: form });
    const given = await answer.json();
    if (!answer.ok) throw new Error(`${given.error}: ${given.error_description}`);
    this.token = given.access_token;
  }

  /** The resource and the headers of the answer. Throws Refused. */
  async send(method, path, { body, headers = {}, repeatable = false } = {}) {
    const url = path.startsWith("http") ? path : `${this.base}/fhir/${path}`;
    const sent = { Accept: JSON_OF_FHIR, "Content-Type": JSON_OF_FHIR, ...headers };
    // A create without a condition would be stored twice, so when nobody knows whether it was done, ask a person.
    const mayRepeat = repeatable || method !== "POST" || "If-None-Exist" in headers;
    for (let attempt = 1; ; attempt++) {
      let pause = 2 ** attempt;
      try {
        const answer = await fetch(url, {
          method,
          headers: { ...sent, Authorization: `Bearer ${this.token}` },
          body: body && JSON.stringify(body),
          signal: AbortSignal.timeout(60_000),
        });
        const text = await answer.text();
        const resource = text ? JSON.parse(text) : null;
        if (answer.ok) return { resource, headers: answer.headers };
        const refused = new Refused(answer.status, resource ?? {});
        if (refused.code === "token-needed" && attempt === 1) {
          console.log("  the token has run out: get another");
          await this.signIn();
          continue;
        }
        const nothingWasDone = [429, 503].includes(answer.status) && refused.code !== "outcome-unknown";
        const unsure = refused.code === "outcome-unknown" && mayRepeat;
        if (attempt === ATTEMPTS || !(nothingWasDone || unsure)) throw refused;
        pause = Number(answer.headers.get("Retry-After") ?? pause);
      } catch (error) {
        // Anything else than an answer: the connection broke, and nobody knows what was done.
        if (error instanceof Refused || attempt === ATTEMPTS || !mayRepeat) throw error;
      }
      console.log(`  asked to wait ${pause} s`);
      await new Promise((resolve) => setTimeout(resolve, pause * 1000));
    }
  }

  /** Every match of a search, page by page: follow the links, never make them. */
  async *pages(path) {
    while (path) {
      const { resource: bundle } = await this.send("GET", path);
      for (const entry of bundle.entry ?? []) yield entry.resource;
      path = bundle.link.find((link) => link.relation === "next")?.url;
    }
  }
}

const result = (patient, number, code, text, value) => ({
  resourceType: "Observation",
  identifier: [{ system: LAB, value: number }],
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code }], text },
  subject: { reference: patient },
  effectiveDateTime: "2026-11-20T08:15:00+01:00",
  valueQuantity: { value, unit: "mmol/L", system: "http://unitsofmeasure.org", code: "mmol/L" },
});

/** Change what was read, and nothing that somebody else wrote meanwhile. */
async function correct(client, observation, etag, value) {
  const path = `Observation/${observation.id}`;
  for (;;) {
    const body = { ...observation, valueQuantity: { ...observation.valueQuantity, value } };
    try {
      return (await client.send("PUT", path, { body, headers: { "If-Match": etag } })).resource;
    } catch (error) {
      if (error.code !== "version-moved") throw error;
    }
    console.log("  somebody was before us: read again, change that");
    const read = await client.send("GET", path);
    observation = read.resource;
    etag = read.headers.get("ETag");
  }
}

/** A report, its specimen and its result, which name one another before they have ids. */
function report(patient, number) {
  const [specimen, observation] = [`urn:uuid:${randomUUID()}`, `urn:uuid:${randomUUID()}`];
  const resources = {
    [specimen]: {
      resourceType: "Specimen",
      identifier: [{ system: LAB, value: `${number}-specimen` }],
      subject: { reference: patient },
    },
    [observation]: {
      ...result(patient, `${number}-natrium`, "2951-2", "Natrium", 139),
      specimen: { reference: specimen },
    },
    [`urn:uuid:${randomUUID()}`]: {
      resourceType: "DiagnosticReport",
      identifier: [{ system: LAB, value: `${number}-report` }],
      status: "final",
      code: { text: "Elektrolytter" },
      subject: { reference: patient },
      result: [{ reference: observation }],
    },
  };
  const entry = Object.entries(resources).map(([fullUrl, resource]) => {
    const [{ system, value }] = resource.identifier;
    const request = { method: "POST", url: resource.resourceType, ifNoneExist: `identifier=${system}|${value}` };
    return { fullUrl, resource, request };
  });
  return { resourceType: "Bundle", type: "transaction", entry };
}

async function main(base = "http://127.0.0.1:8000", identifier = "") {
  console.log("1. A token");
  const client = await Client.signedIn(base, "laboratory");

  console.log("2. What the server can do");
  const { resource: able } = await client.send("GET", "metadata");
  const observations = able.rest[0].resource.find((one) => one.type === "Observation");
  if (!observations.conditionalCreate) throw new Error("This server has no conditional create.");
  console.log(`  ${able.software.name} ${able.software.version}, FHIR ${able.fhirVersion}`);

  console.log("3. A patient, by identifier");
  if (!identifier) { // None was given: take that of somebody in the demo.
    const { resource: somebody } = await client.send("GET", "Patient?name=solbakk&_count=1");
    const [known] = somebody.entry[0].resource.identifier;
    identifier = `${known.system}|${known.value}`;
  }
  const { resource: found } = await client.send("GET", `Patient?identifier=${encodeURIComponent(identifier)}`);
  if (found.entry?.length !== 1) throw new Error(`${identifier} is not the identifier of one patient.`);
  const patient = `Patient/${found.entry[0].resource.id}`;
  console.log(`  ${patient}`);

  console.log("4. A result, stored once however often it is sent");
  const number = randomUUID();
  const potassium = result(patient, `${number}-kalium`, "2823-3", "Kalium", 4.1);
  const once = { body: potassium, headers: { "If-None-Exist": `identifier=${LAB}|${number}-kalium` } };
  const { resource: made } = await client.send("POST", "Observation", once);
  const { resource: again } = await client.send("POST", "Observation", once);
  if (made.id !== again.id) throw new Error("It was stored twice.");
  console.log(`  Observation/${made.id}`);

  console.log("5. Read it back");
  const read = await client.send("GET", `Observation/${made.id}`);
  const first = read.headers.get("ETag");
  console.log(`  ${read.resource.valueQuantity.value} mmol/L, ${first}`);

  console.log("6. Correct it twice, the second time from what was read before the first");
  await correct(client, read.resource, first, 4.2);
  const corrected = await correct(client, read.resource, first, 4.3);
  console.log(`  ${corrected.valueQuantity.value} mmol/L, version ${corrected.meta.versionId}`);

  console.log("7. Several resources at once, all or none");
  const { resource: done } = await client.send("POST", "", { body: report(patient, number), repeatable: true });
  console.log(`  ${done.entry.map((one) => one.response.status).join(", ")}`);

  console.log("8. A search, to its last page");
  const several = encodeURIComponent(`${LAB}|${number}-kalium,${LAB}|${number}-natrium`);
  const names = [];
  for await (const one of client.pages(`Observation?identifier=${several}&_count=1`)) names.push(one.code.text);
  console.log(`  ${names.sort().join(", ")}`);

  console.log("9. Errors, by their codes");
  const wrong = { ...potassium, status: "finished" };
  for (const [method, path, body] of [["GET", "Observation/nothing"], ["POST", "Observation", wrong]]) {
    try {
      await client.send(method, path, { body });
    } catch (error) {
      console.log(`  ${error.status} ${error.code}`);
    }
  }
  console.log(`Done: ${number}`);
}

await main(...process.argv.slice(2));
