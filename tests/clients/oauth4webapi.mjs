// Every flow, as the package `oauth4webapi` does it: each request and each check by itself.
import * as oauth from "oauth4webapi";
import { ask, done, payload, privateKey, told } from "./conversation.mjs";

const insecure = { [oauth.allowInsecureRequests]: true };
const server = new URL(told.issuer);
const as = await oauth.processDiscoveryResponse(
  server, await oauth.discoveryRequest(server, insecure),
);
const client = { client_id: told.client_id };
const auth = oauth.PrivateKeyJwt(await privateKey(told.jwk));
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair("ES256"));

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const pushed = await oauth.processPushedAuthorizationResponse(as, client,
  await oauth.pushedAuthorizationRequest(as, client, auth, {
    client_id: client.client_id,
    response_type: "code",
    redirect_uri: told.redirect_uri,
    scope: "openid profile email",
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state,
    nonce,
  }, { DPoP, ...insecure }));
const address = new URL(as.authorization_endpoint);
address.searchParams.set("client_id", client.client_id);
address.searchParams.set("request_uri", pushed.request_uri);
const { callback } = await ask({ open: address.href });
const answer = oauth.validateAuthResponse(as, client, new URL(callback), state);
const first = await oauth.processAuthorizationCodeResponse(as, client,
  await oauth.authorizationCodeGrantRequest(
    as, client, auth, answer, told.redirect_uri, verifier, { DPoP, ...insecure },
  ), { expectedNonce: nonce, requireIdToken: true });
const { sub } = oauth.getValidatedIdTokenClaims(first);

const userinfo = await oauth.processUserInfoResponse(as, client, sub,
  await oauth.userInfoRequest(as, client, first.access_token, { DPoP, ...insecure }));
const me = await oauth.protectedResourceRequest(
  first.access_token, "GET", new URL("/api/v1/identity/me", server), undefined, undefined,
  { DPoP, ...insecure },
);
const second = await oauth.processRefreshTokenResponse(as, client,
  await oauth.refreshTokenGrantRequest(as, client, auth, first.refresh_token, { DPoP, ...insecure }));
const introspect = async (token) => oauth.processIntrospectionResponse(as, client,
  await oauth.introspectionRequest(as, client, auth, token, insecure));
const before = await introspect(second.access_token);
const switched = await oauth.processGenericTokenEndpointResponse(as, client,
  await oauth.genericTokenEndpointRequest(
    as, client, auth, "urn:ietf:params:oauth:grant-type:token-exchange", {
      subject_token: second.access_token,
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
      organization: told.organization,
    }, { DPoP, ...insecure },
  ));
await oauth.processRevocationResponse(
  await oauth.revocationRequest(as, client, auth, second.refresh_token, insecure),
);
const after = await introspect(second.access_token);

const service = { client_id: told.service_id };
const own = await oauth.processClientCredentialsResponse(as, service,
  await oauth.clientCredentialsGrantRequest(
    as, service, oauth.PrivateKeyJwt(await privateKey(told.service_jwk)), {}, insecure,
  ));

const device = { client_id: told.device_id };
const begun = await oauth.processDeviceAuthorizationResponse(as, device,
  await oauth.deviceAuthorizationRequest(as, device, oauth.None(), { scope: "openid" }, insecure));
await ask({ device: begun.verification_uri_complete });
const granted = await oauth.processDeviceCodeResponse(as, device,
  await oauth.deviceCodeGrantRequest(as, device, oauth.None(), begun.device_code, insecure));

const end = new URL(as.end_session_endpoint);
end.searchParams.set("id_token_hint", first.id_token);
end.searchParams.set("post_logout_redirect_uri", told.after_logout);
end.searchParams.set("state", "bye");
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
