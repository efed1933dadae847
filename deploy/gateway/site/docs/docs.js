// Draws the merged OpenAPI document: services, operations, parameters, bodies, answers, fields.
// Operations are <details>, so the keyboard works as everywhere: Tab moves, Enter opens.
import { describeSchema, fieldsOf } from "/api/docs/schema.js";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];
const shown = [];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

function table(headings, rows) {
  const head = make("tr", {}, ...headings.map((text) => make("th", { scope: "col" }, text)));
  const body = rows.map((cells) => make("tr", {}, ...cells.map((cell) => make("td", {}, cell))));
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": headings.join(", ") },
    make("table", {}, make("thead", {}, head), make("tbody", {}, ...body)));
}

function fieldTable(document_, schema) {
  const fields = fieldsOf(document_, schema);
  if (fields.length === 0) return make("p", {}, make("code", {}, describeSchema(document_, schema)));
  return table(["field", "type", "meaning"], fields.map((field) => [
    make("code", {}, field.required ? `${field.name} *` : field.name),
    make("code", {}, field.type),
    field.description,
  ]));
}

function resolve(document_, node) {
  if (!node || !node.$ref) return node;
  return node.$ref.slice(2).split("/").reduce((at, key) => at[key], document_);
}

function parametersPart(document_, parameters) {
  if (parameters.length === 0) return null;
  const rows = parameters.map((each) => resolve(document_, each)).map((each) => [
    make("code", {}, each.required ? `${each.name} *` : each.name),
    each.in,
    make("code", {}, describeSchema(document_, each.schema ?? {})),
    each.description ?? "",
  ]);
  return make("section", {}, make("h3", {}, "Parameters"), table(["name", "in", "type", "meaning"], rows));
}

function contentPart(document_, content) {
  const parts = Object.entries(content ?? {}).flatMap(([media, { schema }]) => [
    make("p", { class: "quiet" }, `${media}: ${describeSchema(document_, schema ?? {})}`),
    fieldTable(document_, schema ?? {}),
  ]);
  return make("div", {}, ...parts);
}

function bodyPart(document_, requestBody) {
  const body = resolve(document_, requestBody);
  if (!body) return null;
  return make("section", {}, make("h3", {}, "Body"), contentPart(document_, body.content));
}

// A description is prose with `code` in it, and an empty line between two sentences.
function prose(text) {
  return text.split("\n\n").map((sentence) => make("span", { class: "sentence" },
    ...sentence.split("`").map((part, at) => (at % 2 ? make("code", {}, part) : part))));
}

function answersPart(document_, responses) {
  const answers = Object.entries(responses ?? {}).map(([status, reference]) => {
    const answer = resolve(document_, reference);
    const title = [make("strong", {}, status), " ", ...prose(answer.description ?? "")];
    // Every refusal has the same form (RFC 9457); only its sentence differs.
    if (answer.content?.["application/problem+json"] || !answer.content)
      return make("p", {}, ...title);
    return make("details", {}, make("summary", {}, ...title), contentPart(document_, answer.content));
  });
  return make("section", {}, make("h3", {}, "Answers"), ...answers);
}

function operationPart(document_, path, method, item) {
  const operation = item[method];
  const summary = make("summary", {},
    make("span", { class: "method" }, method.toUpperCase()), make("code", {}, path),
    operation.summary ? ` ${operation.summary}` : "");
  const details = make("details", { id: operation.operationId ?? `${method}-${path}` }, summary);
  // The inside is drawn when it is opened: the whole document at once would be slow.
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector(".inside")) return;
    const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
    details.append(make("div", { class: "inside" },
      operation.description ? make("p", {}, ...prose(operation.description)) : null,
      parametersPart(document_, parameters),
      bodyPart(document_, operation.requestBody),
      answersPart(document_, operation.responses)));
  });
  const words = [path, method, operation.summary, operation.description, operation.operationId,
    JSON.stringify(operation.parameters ?? []), JSON.stringify(operation.requestBody ?? {})];
  shown.push({ details, words: words.join(" ").toLowerCase() });
  return details;
}

function servicePart(document_, tag) {
  const operations = Object.entries(document_.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]?.tags?.includes(tag.name))
      .map((method) => operationPart(document_, path, method, item)));
  return make("section", { id: tag.name },
    make("h2", {}, `${tag.name} (${operations.length})`),
    make("p", { class: "quiet" }, tag.description ?? ""), ...operations);
}

function find(words) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const each of shown) {
    const matches = wanted.every((word) => each.words.includes(word));
    each.details.hidden = !matches;
    count += matches ? 1 : 0;
  }
  for (const section of document.querySelectorAll("#services > section"))
    section.hidden = !section.querySelector(":scope > details:not([hidden])");
  document.getElementById("found").textContent =
    wanted.length ? `${count} of ${shown.length} operations` : `${shown.length} operations`;
}

function openNamed() {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (named instanceof HTMLDetailsElement) named.open = true;
  named?.scrollIntoView();
}

async function draw() {
  const main = document.getElementById("services");
  const answer = await fetch("/api/openapi.json");
  if (!answer.ok) throw new Error(`openapi.json answered ${answer.status}`);
  const document_ = await answer.json();
  const tags = document_.tags ?? [];
  main.replaceChildren(...tags.map((tag) => servicePart(document_, tag)));
  document.getElementById("contents").append(
    ...tags.map((tag) => make("a", { href: `#${tag.name}` }, tag.name)));
  const input = document.getElementById("find");
  input.addEventListener("input", () => find(input.value));
  addEventListener("hashchange", openNamed);
  find("");
  openNamed();
}

draw().catch((reason) => {
  document.getElementById("services").textContent = `The description could not be read: ${reason.message}`;
});
