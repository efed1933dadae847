// What a client and the person's browser, which is played elsewhere, say to each other: JSON lines.
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const told = JSON.parse((await lines.next()).value);

/** Ask the browser's side to do something, and return what came of it. */
export async function ask(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`);
  return JSON.parse((await lines.next()).value);
}

/** Say what was found out, and end. */
export function done(found) {
  process.stdout.write(`${JSON.stringify({ done: found })}\n`);
  process.exit(0);
}

/** Take the key that the client was registered with. */
export async function privateKey(jwk) {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  const { kid, use, alg, ...bare } = jwk;
  return { kid, key: await crypto.subtle.importKey("jwk", bare, algorithm, false, ["sign"]) };
}

/** Read a token's payload: the client trusts it, since it came from the issuer itself. */
export const payload = (token) =>
  JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString("utf8"));
