// JSON Schema in words: "string (date)", "list of Goal", "draft | submitted".

function target(document_, schema) {
  return schema.$ref.slice(2).split("/").reduce((at, key) => at[key], document_);
}

function limits(schema) {
  const told = [];
  if (schema.minLength !== undefined || schema.maxLength !== undefined)
    told.push(`${schema.minLength ?? 0} to ${schema.maxLength ?? "any"} characters`);
  if (schema.minimum !== undefined) told.push(`≥ ${schema.minimum}`);
  if (schema.exclusiveMinimum !== undefined) told.push(`> ${schema.exclusiveMinimum}`);
  if (schema.maximum !== undefined) told.push(`≤ ${schema.maximum}`);
  if (schema.pattern) told.push(`matches ${schema.pattern}`);
  if (schema.default !== undefined && schema.default !== null)
    told.push(`default ${JSON.stringify(schema.default)}`);
  return told.length ? ` (${told.join(", ")})` : "";
}

export function describeSchema(document_, schema) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    const meant = target(document_, schema);
    return meant.enum ? `${name}: ${describeSchema(document_, meant)}` : name;
  }
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((each) => describeSchema(document_, each)).join(" or ");
  if (schema.allOf) return schema.allOf.map((each) => describeSchema(document_, each)).join(" and ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.join(" | ");
  if (schema.type === "array") return `list of ${describeSchema(document_, schema.items ?? {})}`;
  const kind = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type ?? "anything";
  return `${kind}${schema.format ? ` (${schema.format})` : ""}${limits(schema)}`;
}

export function fieldsOf(document_, schema) {
  const meant = schema.$ref ? target(document_, schema) : schema;
  if (meant.type === "array" && meant.items) return fieldsOf(document_, meant.items);
  const inherited = (meant.allOf ?? []).flatMap((each) => fieldsOf(document_, each));
  const own = Object.entries(meant.properties ?? {}).map(([name, field]) => ({
    name,
    required: (meant.required ?? []).includes(name),
    type: describeSchema(document_, field),
    description: field.description ?? "",
  }));
  return [...inherited, ...own];
}
