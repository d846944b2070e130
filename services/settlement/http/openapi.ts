import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import type { ContentObject, OpenAPIObject, ResponseObject } from 'openapi3-ts/oas31';
import { z } from 'zod';
import type { BodyByMediaType, Operation } from './operation.ts';
import type { ProblemCatalogue } from './problems.ts';

const INTRODUCTION =
  'Payments across borders in stablecoins, each settled exactly once; cover that pays by itself once the oracle has observed ' +
  'what is insured; and escrow for trade. Requests are signed (RFC 9421), every POST carries an Idempotency-Key, amounts are ' +
  'decimal strings, times RFC 3339 UTC, errors problem documents (RFC 9457).';

/** RFC 9457 with our members `code` and `errors`. */
export const problemDocument = z
  .strictObject({
    type: z.string().meta({ description: 'Leads to what the code means and what to do.' }),
    title: z.string(),
    status: z.int(),
    code: z.string().meta({ description: 'Stable, for programs.' }),
    detail: z.string(),
    errors: z
      .array(
        z.strictObject({
          code: z.string(),
          detail: z.string(),
          pointer: z.string().optional().meta({ description: 'RFC 6901 pointer into a JSON body.' }),
          parameter: z.string().optional(),
          xpath: z.string().optional(),
          line: z.int().optional(),
          offset: z.int().optional().meta({ description: 'Characters before a fault of JSON syntax.' }),
          row: z.int().optional().meta({ description: 'CSV row; the header is row 1.' }),
          column: z.string().optional(),
          expected: z.string().optional(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem' });

/** What is sent to the partner: the types of message, and the schema of their `data`. */
export interface WebhookDescription {
  types: readonly string[];
  data: z.ZodType;
}

/**
 * The API description (OpenAPI 3.1) from the zod schemas that the routes themselves use.
 * @param edgeProblems problem codes that an operation may answer with besides its own
 * @throws when an operation names a problem code that no catalogue has
 */
export function describeApi(
  operations: readonly Operation[],
  problems: ProblemCatalogue,
  edgeProblems: (operation: Operation) => readonly string[],
  webhooks: readonly WebhookDescription[],
): OpenAPIObject {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'messageSignature', {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'HTTP Message Signatures (RFC 9421), label sig1, over @method, @target-uri, content-digest (with a body) and ' +
      'idempotency-key (POST); parameters created, keyid, nonce. Algorithms: ed25519, ecdsa-p256-sha256, rsa-pss-sha512.',
  });
  for (const operation of operations) {
    const parameters = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
    registry.registerPath({
      method: operation.method,
      path: operation.path,
      tags: [operation.tag],
      summary: operation.summary,
      ...(operation.description && { description: operation.description }),
      operationId: operationId(operation),
      security: operation.isOpen ? [] : [{ messageSignature: [] }],
      request: {
        ...(parameters.length > 0 && {
          params: z.strictObject(Object.fromEntries(parameters.map((name) => [name, z.string()]))),
        }),
        ...(operation.query && { query: operation.query }),
        ...(operation.method === 'post' && {
          headers: z.object({
            'Idempotency-Key': z.string().meta({ description: 'One for each intent, such as a UUID.' }),
          }),
        }),
        ...(operation.request && { body: { required: true, content: content(operation.request) } }),
      },
      responses: {
        [operation.answer.status]: {
          description: operation.answer.description,
          ...(operation.answer.body && { content: content(operation.answer.body) }),
        },
        ...problemAnswers([...edgeProblems(operation), ...(operation.problems ?? [])], problems),
      },
    });
  }
  for (const { types, data } of webhooks) for (const type of types) registerWebhook(registry, type, data);
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: { title: 'Corridor settlement API', version: '1', description: INTRODUCTION },
    servers: [{ url: '/' }],
    security: [{ messageSignature: [] }],
  });
}

function registerWebhook(registry: OpenAPIRegistry, type: string, data: z.ZodType): void {
  const signed = {
    'webhook-id': z.string(),
    'webhook-timestamp': z.string(),
    'webhook-signature': z.string(),
  };
  const body = z.strictObject({ type: z.literal(type), timestamp: z.iso.datetime(), data });
  registry.registerWebhook({
    method: 'post',
    path: type,
    tags: ['Webhooks'],
    summary: type,
    description: 'Signed by the Standard Webhooks specification. Answer 2xx once it is stored.',
    security: [],
    request: {
      headers: z.object(signed),
      body: { required: true, content: content({ 'application/json': body }) },
    },
    responses: { '2XX': { description: 'Received; it is not sent again.' } },
  });
}

/** `postPaymentsIdCancel` from method and path: stable, because both are. */
function operationId({ method, path }: Operation): string {
  const words = path
    .replace('/v1/', '')
    .split(/[^\w]+/)
    .filter(Boolean);
  return method + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('');
}

function content(body: BodyByMediaType) {
  const entries = Object.entries(body).map(([mediaType, schema]) => [
    mediaType,
    { schema: typeof schema === 'string' ? { type: 'string', description: schema } : schema },
  ]);
  return Object.fromEntries(entries) as ContentObject;
}

/** One answer a status, with every code that has it. */
function problemAnswers(
  codes: readonly string[],
  problems: ProblemCatalogue,
): Record<string, ResponseObject> {
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const kind = problems[code];
    if (!kind) throw new Error(`no catalogue has the problem code ${code}`);
    byStatus.set(kind.status, [...(byStatus.get(kind.status) ?? []), `\`${code}\`: ${kind.meaning}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, lines]) => [
      status,
      {
        description: lines.join('\n\n'),
        content: content({ 'application/problem+json': problemDocument }),
      },
    ]),
  );
}
