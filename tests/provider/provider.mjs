// Two certified OpenID providers for the tests: one as strict as ID-porten, one as strict as HelseID.
//
//   node provider.mjs '{"site": "http://127.0.0.1:8000", "key": {…public JWK…}, "people": [{"of": "idporten",
//     "name": "Kari", "acr": "idporten-loa-high", "claims": {"pid": "…"}}]}'
//
// It writes the two issuers as one line of JSON, and ends when its standard input does. POST /rotate gives a provider
// new keys; POST /clock?seconds=N makes the clock of both go wrong. github.com/panva/node-oidc-provider
import crypto from "node:crypto";
import http from "node:http";
import Provider from "oidc-provider";

const { site, key, people } = JSON.parse(process.argv[2]);
const rightNow = Date.now;
const HELSEID = "helseid://claims/";
// What stays when a provider gets new keys: it goes on with what was begun.
const kept = { cookies: [crypto.randomBytes(16).toString("hex")], nonces: crypto.randomBytes(32) };

// What is kept, for both and whatever their keys are.
class Memory {
  static all = new Map();
  constructor(model) {
    this.model = model;
  }
  at(id) {
    return `${this.model}:${id}`;
  }
  async upsert(id, payload) {
    Memory.all.set(this.at(id), payload);
  }
  async find(id) {
    return Memory.all.get(this.at(id));
  }
  async findByUid(uid) {
    return [...Memory.all].find(([id, one]) => id.startsWith(`${this.model}:`) && one.uid === uid)?.[1];
  }
  async findByUserCode() {}
  async consume(id) {
    Memory.all.get(this.at(id)).consumed = Math.floor(rightNow() / 1000);
  }
  async destroy(id) {
    Memory.all.delete(this.at(id));
  }
  async revokeByGrantId(grant) {
    for (const [id, one] of Memory.all) if (one.grantId === grant) Memory.all.delete(id);
  }
}

const kinds = {
  idporten: {
    acrValues: ["idporten-loa-high", "idporten-loa-substantial"],
    claims: { openid: ["sub", "pid", "sid"], profile: ["locale"] },
    dpop: false,
  },
  helseid: {
    acrValues: ["Level4"],
    claims: {
      openid: ["sub", "sid"],
      "helseid://scopes/identity/pid": [`${HELSEID}identity/pid`],
      "helseid://scopes/identity/security_level": [`${HELSEID}identity/security_level`],
      "helseid://scopes/hpr/hpr_number": [`${HELSEID}hpr/hpr_number`],
      "helseid://scopes/client/info": [`${HELSEID}client/claims/orgnr_parent`, `${HELSEID}client/claims/orgnr_child`],
    },
    dpop: true,
  },
};

function signingKey() {
  const { privateKey } = crypto.generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), use: "sig", alg: "PS256", kid: crypto.randomUUID() };
}

function made(name, issuer) {
  const kind = kinds[name];
  return new Provider(issuer, {
    adapter: Memory,
    clients: [
      {
        client_id: "samjournal",
        redirect_uris: [`${site}/signin/${name}/return`],
        post_logout_redirect_uris: [`${site}/signout`],
        backchannel_logout_uri: `${site}/signout/${name}/back`,
        backchannel_logout_session_required: true,
        response_types: ["code"],
        grant_types: ["authorization_code"],
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: key.alg,
        jwks: { keys: [key] },
        id_token_signed_response_alg: "PS256",
        scope: Object.keys(kind.claims).join(" "),
        require_pushed_authorization_requests: true,
        ...(kind.dpop ? { dpop_bound_access_tokens: true } : {}),
      },
    ],
    jwks: { keys: [signingKey()] },
    acrValues: kind.acrValues,
    scopes: ["openid", ...Object.keys(kind.claims)],
    claims: { acr: null, auth_time: null, iss: null, ...kind.claims },
    conformIdTokenClaims: false,
    responseTypes: ["code"],
    pkce: { required: () => true },
    enabledJWA: { clientAuthSigningAlgValues: ["ES256", "PS256"], idTokenSigningAlgValues: ["PS256"] },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: kind.dpop, nonceSecret: kept.nonces, requireNonce: () => true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true, logoutSource: asked },
    },
    // Its own guard lets nobody be told who is on this machine, and here everybody is.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    cookies: {
      keys: kept.cookies,
      names: { session: `${name}_session`, interaction: `${name}_interaction`, resume: `${name}_resume` },
    },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Neither of the two asks for consent: who signs in has agreed.
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({
        clientId: ctx.oidc.client.clientId,
        accountId: ctx.oidc.session.accountId,
      });
      grant.addOIDCScope(Object.keys(kind.claims).join(" "));
      await grant.save();
      return grant;
    },
    findAccount: async (_, sub) => {
      const who = people.find((one) => one.of === name && one.name === sub);
      return who && { accountId: sub, claims: async () => ({ sub, ...who.claims }) };
    },
    ttl: { Interaction: 600, Session: 3600, Grant: 600, AuthorizationCode: 60, IdToken: 120, AccessToken: 60 },
  });
}

function page(title, body) {
  return `<!doctype html><html lang="nb"><title>${title}</title><h1>${title}</h1>${body}`;
}

async function asked(ctx, form) {
  ctx.body = page("Logge ut?", `${form}<button form="op.logoutForm" name="logout" value="yes">Logg ut overalt</button>`);
}

async function interaction(provider, name, request, response) {
  const { params, prompt } = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    const buttons = people
      .filter((one) => one.of === name)
      .map((one) => `<button name="who" value="${one.name}">${one.name}</button>`);
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(
      page(`Hvem er du? (${name})`, `<p>${prompt.name} ${params.acr_values ?? ""} ${params.ui_locales ?? ""}</p>
        <form method="post">${buttons.join(" ")} <button name="cancel" value="yes">Avbryt</button></form>`),
    );
    return;
  }
  let body = "";
  for await (const piece of request) body += piece;
  const form = new URLSearchParams(body);
  const who = people.find((one) => one.of === name && one.name === form.get("who"));
  const result = who
    ? { login: { accountId: who.name, acr: who.acr, amr: ["pwd"] } }
    : { error: "access_denied", error_description: "cancelled" };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function listening(name) {
  let provider;
  let callback;
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, "http://here");
    try {
      if (request.method === "POST" && url.pathname === "/rotate") {
        callback = (provider = made(name, provider.issuer)).callback();
        response.end();
      } else if (request.method === "POST" && url.pathname === "/clock") {
        const wrong = Number(url.searchParams.get("seconds")) * 1000;
        Date.now = () => rightNow() + wrong;
        response.end();
      } else if (url.pathname.startsWith("/interaction/")) {
        await interaction(provider, name, request, response);
      } else {
        callback(request, response);
      }
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  callback = (provider = made(name, issuer)).callback();
  return issuer;
}

const issuers = { idporten: await listening("idporten"), helseid: await listening("helseid") };
process.stdout.write(`${JSON.stringify(issuers)}\n`);
process.stdin.resume().on("end", () => process.exit(0));
