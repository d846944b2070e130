/** The API description as plain HTML: readable without scripts, offline, in print, and by a screen reader. */
import type { OpenAPIObject, OperationObject, ResponseObject } from 'openapi3-ts/oas31';
import type { ProblemCatalogue } from './problems.ts';

interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  description?: string;
  example?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** /docs: every operation by tag, then every schema. */
export function apiPage(api: OpenAPIObject): string {
  const operations = Object.entries(api.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method,
      path,
      operation: operation as OperationObject,
    })),
  );
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? ''))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags?.[0] === tag);
    return `<section><h2 id="${html(slug(tag))}">${html(tag)}</h2>${own
      .map(({ method, path, operation }) => operationHtml(method, path, operation))
      .join('')}</section>`;
  });
  const schemas = Object.entries((api.components?.schemas ?? {}) as Record<string, JsonSchema>);
  return page(
    api.info.title,
    `<p>${html(api.info.description ?? '')}</p>
     <p><a href="/openapi.json">openapi.json</a> · <a href="/docs/errors">Every problem code</a></p>
     <nav><ul>${tags.map((tag) => `<li><a href="#${html(slug(tag))}">${html(tag)}</a></li>`).join('')}
     <li><a href="#schemas">Schemas</a></li></ul></nav>
     ${sections.join('')}
     <section><h2 id="schemas">Schemas</h2>${schemas
       .map(([name, schema]) => `<h3 id="schema-${html(name)}">${html(name)}</h3>${schemaHtml(schema)}`)
       .join('')}</section>`,
  );
}

/** /docs/errors: each code can be linked to, as `type` of the problem documents does. */
export function problemsPage(problems: ProblemCatalogue): string {
  const entries = Object.entries(problems).sort(([a], [b]) => a.localeCompare(b));
  return page(
    'Problem codes',
    `<p>Every answer that is not a success is a problem document (RFC 9457) with one of these codes.
     <a href="/docs">Back to the API</a></p>
     <table><thead><tr><th>Code</th><th>Status</th><th>What happened</th><th>What to do</th></tr></thead><tbody>${entries
       .map(
         ([code, { status, meaning, next }]) =>
           `<tr id="${html(code)}"><td><code>${html(code)}</code></td><td>${status}</td><td>${words(meaning)}</td><td>${words(next)}</td></tr>`,
       )
       .join('')}</tbody></table>`,
  );
}

function operationHtml(method: string, path: string, operation: OperationObject): string {
  const parameters = (operation.parameters ?? []) as {
    name: string;
    in: string;
    required?: boolean;
    schema?: JsonSchema;
  }[];
  const rows = parameters.map(
    ({ name, in: place, required, schema }) =>
      `<tr><td><code>${html(name)}</code></td><td>${html(place)}${required ? ', required' : ''}</td><td>${typeHtml(schema)}</td></tr>`,
  );
  const request = (operation.requestBody as { content?: Record<string, { schema?: JsonSchema }> } | undefined)
    ?.content;
  return `<article id="${html(operation.operationId ?? '')}">
    <h3><span class="method ${html(method)}">${html(method.toUpperCase())}</span> <code>${html(path)}</code></h3>
    <p><strong>${html(operation.summary ?? '')}.</strong> ${html(operation.description ?? '')}</p>
    ${rows.length > 0 ? `<table><tbody>${rows.join('')}</tbody></table>` : ''}
    ${request ? `<p>Body: ${contentHtml(request)}</p>` : ''}
    <table><tbody>${Object.entries(operation.responses ?? {})
      .map(([status, answer]) => answerHtml(status, answer as ResponseObject))
      .join('')}</tbody></table></article>`;
}

function answerHtml(status: string, answer: ResponseObject): string {
  const lines =
    status === '401'
      ? 'Not authenticated: <a href="/docs/errors">a code</a> names the check that failed.'
      : answer.description
          .split('\n\n')
          .map((line) => words(line).replace(/^<code>(\w+)<\/code>/, '<a href="/docs/errors#$1">$&</a>'))
          .join('<br>');
  const body = Number(status) < 300 && answer.content ? ` ${contentHtml(answer.content as never)}` : '';
  return `<tr><td>${html(status)}</td><td>${lines}${body}</td></tr>`;
}

function contentHtml(content: Record<string, { schema?: JsonSchema }>): string {
  return Object.entries(content)
    .map(([mediaType, { schema }]) => `<code>${html(mediaType)}</code> ${typeHtml(schema)}`)
    .join('; ');
}

function schemaHtml(schema: JsonSchema): string {
  if (!schema.properties) return `<p>${typeHtml(schema)}</p>`;
  return `${schema.description ? `<p>${words(schema.description)}</p>` : ''}${propertiesHtml(schema)}`;
}

function propertiesHtml({ properties, required }: JsonSchema): string {
  if (!properties) return '';
  const rows = Object.entries(properties).map(
    ([name, property]) =>
      `<tr><td><code>${html(name)}</code>${required?.includes(name) ? '' : ' (optional)'}</td><td>${typeHtml(property)}</td></tr>`,
  );
  return `<table><tbody>${rows.join('')}</tbody></table>`;
}

function typeHtml(schema: JsonSchema | undefined): string {
  if (!schema) return '';
  if (schema.$ref) {
    const name = schema.$ref.replace('#/components/schemas/', '');
    return `<a href="#schema-${html(name)}">${html(name)}</a>`;
  }
  const variants = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (variants) return variants.map(typeHtml).join(schema.allOf ? ' and ' : ' or ');
  const choices = schema.const === undefined ? schema.enum : [schema.const];
  const type = choices
    ? choices.map((choice) => `<code>${html(JSON.stringify(choice))}</code>`).join(' ')
    : html([schema.type ?? []].flat().join(' or '));
  return [
    schema.items ? `list of ${schema.items.properties ? 'objects' : typeHtml(schema.items)}` : type,
    schema.format && html(schema.format),
    schema.pattern && `<code>${html(schema.pattern)}</code>`,
    schema.description && words(schema.description),
    schema.example !== undefined && `such as <code>${html(JSON.stringify(schema.example))}</code>`,
  ]
    .filter(Boolean)
    .join(' · ')
    .concat(propertiesHtml(schema.items?.properties ? schema.items : schema));
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${html(title)}</title>
<link rel="stylesheet" href="/docs/style.css"></head><body><main><h1>${html(title)}</h1>${body}</main></body></html>`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/\W+/g, '-');
}

/** A sentence in which `code` is marked. */
function words(text: string): string {
  return html(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function html(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
