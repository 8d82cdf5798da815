// An app as its vendor writes it, on fhirclient: the same page is opened by a launch and by the answer to it.
const place = document.getElementById("told");

async function run() {
  const client = await FHIR.oauth2.init({
    clientId: "tried",
    scope:
      "openid fhirUser launch launch/patient online_access patient/Patient.r patient/Observation.rs?category=laboratory",
    redirectUri: "/index.html",
  });
  const told = {};
  told.patient = (await client.patient.read()).id;
  told.encounter = client.encounter.id;
  told.user = client.user.fhirUser;
  told.scope = client.state.tokenResponse.scope;
  const seen = async (path) => {
    const bundle = await client.request(path);
    return [...new Set((bundle.entry || []).map((one) => one.resource.category[0].coding[0].code))];
  };
  told.categories = await seen("Observation?_count=100");
  told.others = await client.request("Condition?_count=1").catch((error) => error.statusCode || error.status);
  const before = client.state.tokenResponse.access_token;
  await client.refresh();
  told.refreshed = client.state.tokenResponse.access_token !== before;
  told.again = await seen("Observation?_count=1");
  place.textContent = JSON.stringify(told);
}

run().catch((error) => {
  place.textContent = JSON.stringify({ error: String(error) });
});
