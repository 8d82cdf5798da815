// A system of its own: openid-client finds the server, signs, gets a token, reads, asks what it is worth, gives it back.
// Arguments: the API's address, the client id, the file of its private key (JWK), the scope. Prints JSON.
import { readFileSync } from "node:fs";
import * as client from "openid-client";

const [fhir, id, keyFile, scope] = process.argv.slice(2);
const jwk = JSON.parse(readFileSync(keyFile, "utf-8"));
const key = await crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-384" }, false, ["sign"]);
const server = await client.discovery(new URL(fhir), id, {}, client.PrivateKeyJwt({ key, kid: jwk.kid }), {
  execute: [client.allowInsecureRequests],
});
const token = await client.clientCredentialsGrant(server, { scope });
const read = (path) => fetch(`${fhir}/${path}`, { headers: { authorization: `Bearer ${token.access_token}` } });
const found = await (await read("Observation?_count=50")).json();
const closed = await read("Patient/ragnhild");
const worth = await client.tokenIntrospection(server, token.access_token);
await client.tokenRevocation(server, token.access_token);
const after = await read("Observation?_count=1");
const categories = new Set(found.entry.flatMap((one) => one.resource.category.map((each) => each.coding[0].code)));
console.log(
  JSON.stringify({
    scope: token.scope,
    expires: token.expires_in,
    categories: [...categories],
    closed: closed.status,
    worth: worth.active,
    after: after.status,
  }),
);
