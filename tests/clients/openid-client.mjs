// Every flow, as the package `openid-client` does it.
import * as client from "openid-client";
import { ask, done, payload, privateKey, told } from "./conversation.mjs";

const insecure = { execute: [client.allowInsecureRequests] };
const server = new URL(told.issuer);
const auth = async (jwk) => client.PrivateKeyJwt(await privateKey(jwk));
const config = await client.discovery(
  server, told.client_id, {}, await auth(told.jwk), insecure,
);
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));

// Authorization code with PKCE, pushed beforehand, bound to a key.
const pkceCodeVerifier = client.randomPKCECodeVerifier();
const expectedState = client.randomState();
const expectedNonce = client.randomNonce();
const address = await client.buildAuthorizationUrlWithPAR(config, {
  redirect_uri: told.redirect_uri,
  scope: "openid profile email",
  code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
  code_challenge_method: "S256",
  state: expectedState,
  nonce: expectedNonce,
}, { DPoP });
const { callback } = await ask({ open: address.href });
const first = await client.authorizationCodeGrant(
  config, new URL(callback), { pkceCodeVerifier, expectedState, expectedNonce }, {}, { DPoP },
);
const { sub } = first.claims();
const userinfo = await client.fetchUserInfo(config, first.access_token, sub, { DPoP });
const me = await client.fetchProtectedResource(
  config, first.access_token, new URL("/api/v1/identity/me", server), "GET", undefined, undefined, { DPoP },
);

const second = await client.refreshTokenGrant(config, first.refresh_token, {}, { DPoP });
const before = await client.tokenIntrospection(config, second.access_token);
const switched = await client.genericGrantRequest(
  config,
  "urn:ietf:params:oauth:grant-type:token-exchange",
  {
    subject_token: second.access_token,
    subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    organization: told.organization,
  },
  { DPoP },
);
await client.tokenRevocation(config, second.refresh_token);
const after = await client.tokenIntrospection(config, second.access_token);

// A program in its own name.
const service = await client.discovery(
  server, told.service_id, {}, await auth(told.service_jwk), insecure,
);
const own = await client.clientCredentialsGrant(service, {});

// A device without a browser.
const device = await client.discovery(server, told.device_id, {}, client.None(), insecure);
const begun = await client.initiateDeviceAuthorization(device, { scope: "openid profile" });
await ask({ device: begun.verification_uri_complete });
const granted = await client.pollDeviceAuthorizationGrant(device, { ...begun, interval: 0.2 });

const end = client.buildEndSessionUrl(config, {
  id_token_hint: first.id_token,
  post_logout_redirect_uri: told.after_logout,
  state: "bye",
});
const { callback: signedOut } = await ask({ logout: end.href });

done({
  token_type: first.token_type,
  email: userinfo.email,
  me: me.status,
  refreshed: second.access_token !== first.access_token,
  active: [before.active, after.active],
  switched: payload(switched.access_token).org_code,
  own: payload(own.access_token).org_code,
  device: payload(granted.access_token).org_code,
  signed_out: signedOut,
});
