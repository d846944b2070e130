/**
 * Proves Corridor's ISO 20022 rules equal to the official schemas, in both directions, with libxml2 as the judge:
 * `npm run check:iso20022 [-- <folder of the schemas> [seed]]`. Without the folder of its own it says so and
 * passes; one that is named must be there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ParseOption, XmlDocument, XmlParseError, XmlValidateError, XsdValidator } from 'libxml2-wasm';
import type { MessageName } from '../services/core/iso20022/rules.ts';
import { validateMessage } from '../services/core/iso20022/validate.ts';
import { readXml, type XmlElement, XmlRefused } from '../services/core/iso20022/xml.ts';
import { generateRules, messages, RULES_FILE, SCHEMA_FOLDER } from './generate-iso20022.ts';
import { MessageBuilder } from './iso20022/build.ts';
import { randomChange, systematicChanges, textChange } from './iso20022/mutate.ts';
import { type Random, seededRandom } from './iso20022/random.ts';
import { serialize } from './iso20022/serialize.ts';
import { writtenMessages } from './iso20022/written.ts';

/** libxml2 also looks into the spelling of namespace names, which neither XML nor the schemas do. */
const NO_URI = 'is not a valid URI';
const RANDOM_MESSAGES = 3_000;
const [namedFolder, seedText = '20022'] = process.argv.slice(2);
const schemaFolder = namedFolder ?? SCHEMA_FOLDER;

if (!/^\d+$/.test(seedText)) fail(`the seed is ${seedText}, expected a whole number.`);
const random = seededRandom(Number(seedText));
if (!namedFolder && !existsSync(schemaFolder)) {
  console.log(`check:iso20022: no schemas at ${schemaFolder}, nothing to check against. Passed.`);
  process.exit(0);
}
const missing = messages.filter((message) => !existsSync(join(schemaFolder, `${message}.xsd`)));
if (missing.length > 0)
  fail(`${schemaFolder} has no ${missing.join('.xsd, no ')}.xsd. Name the folder of the official schemas.`);
if (readFileSync(RULES_FILE, 'utf8') !== generateRules(schemaFolder)) {
  fail(`${RULES_FILE} is not what the schemas give: run node scripts/generate-iso20022.ts`);
}
for (const message of messages) checkMessage(message, random);
console.log('check:iso20022: the rules and the official schemas agree.');

interface Tally {
  valid: number;
  invalid: number;
  notCompared: number;
  disagreements: string[];
}

function checkMessage(message: MessageName, chances: Random): void {
  using schema = XmlDocument.fromBuffer(readFileSync(join(schemaFolder, `${message}.xsd`)));
  using validator = XsdValidator.fromDoc(schema);
  const tally: Tally = { valid: 0, invalid: 0, notCompared: 0, disagreements: [] };
  const compare = (xml: string, what: string) => compareVerdicts(message, validator, xml, what, tally);

  let written = 0;
  for (const { xml, what } of writtenMessages(message)) {
    if (schemaVerdict(validator, xml) !== undefined) fail(`${what} is not valid ${message}`, xml);
    compare(xml, what);
    written += 1;
  }
  const builder = new MessageBuilder(message, chances);
  let types = 0;
  for (const { type, build } of builder.everyType()) {
    types += 1;
    for (const { root, change } of systematicChanges(build, builder, chances)) {
      compare(serialize(root, chances), `${type}: ${change}`);
    }
  }
  for (let round = 0; round < RANDOM_MESSAGES; round += 1) {
    const root: XmlElement = builder.whole(chances.next() * 0.35);
    const changes = Array.from({ length: chances.below(4) }, () => randomChange(root, chances));
    const xml = serialize(root, chances);
    compare(xml, `random ${round}: ${changes.join(', ') || 'no change'}`);
    compare(textChange(xml, chances), `random ${round} with a change of its text`);
  }
  console.log(
    `${message}: ${written} written by Corridor valid; ${types} types; ${tally.valid} messages valid and ` +
      `${tally.invalid} invalid for both; ${tally.notCompared} not compared (xsi:type; namespaces that are no URI)`,
  );
  if (tally.disagreements.length > 0) {
    fail(`${tally.disagreements.length} disagreements\n${tally.disagreements.slice(0, 5).join('\n')}`);
  }
}

function compareVerdicts(
  message: MessageName,
  validator: XsdValidator,
  xml: string,
  what: string,
  tally: Tally,
): void {
  const theirs = schemaVerdict(validator, xml);
  const ours = ourVerdict(message, xml);
  if (ours === 'refused' || (ours === undefined && theirs?.includes(NO_URI))) {
    tally.notCompared += 1;
    return;
  }
  if ((theirs === undefined) !== (ours === undefined)) {
    tally.disagreements.push(
      `${message}, ${what}\n  schema: ${theirs ?? 'valid'}\n  Corridor: ${ours ?? 'valid'}\n${xml}`,
    );
    return;
  }
  if (ours === undefined) tally.valid += 1;
  else tally.invalid += 1;
}

/** What the official schema has against a message; undefined when it is valid. */
function schemaVerdict(validator: XsdValidator, xml: string): string | undefined {
  try {
    using document = XmlDocument.fromString(xml, { option: ParseOption.XML_PARSE_NONET });
    validator.validate(document);
    return undefined;
  } catch (error) {
    if (error instanceof XmlValidateError || error instanceof XmlParseError) return error.message.trim();
    throw error;
  }
}

/** What Corridor's rules have against it; `refused` when only for what they forbid beyond the schema. */
function ourVerdict(message: MessageName, xml: string): string | undefined {
  let root: XmlElement;
  try {
    root = readXml(xml);
  } catch (error) {
    if (error instanceof XmlRefused) return `${error.error.code}: ${error.error.detail}`;
    throw error;
  }
  const errors = validateMessage(message, root);
  if (errors.length > 0 && errors.every(({ code }) => code === 'xsi_type')) return 'refused';
  const [first] = errors;
  return first && `${first.code} at ${first.xpath}: ${first.detail}, expected ${first.expected}`;
}

function fail(reason: string, xml?: string): never {
  console.error(`check:iso20022: ${reason}${xml ? `\n${xml}` : ''}`);
  process.exit(1);
}
