/** solc's syntax tree, as far as mutators look at it: Solidity's nodes and Yul's. */

export interface Node {
  nodeType: string;
  /** `start:length:file`, in bytes. */
  src: string;
  /** `functionCall`, `number`, `modifierInvocation` and so on, depending on the type of node. */
  kind?: string;
  name?: string;
  operator?: string;
  prefix?: boolean;
  value?: string | Node;
  subdenomination?: string | null;
  contractKind?: string;
  typeDescriptions?: { typeString?: string; typeIdentifier?: string };
  storageLocation?: string;
  absolutePath?: string;
  names?: string[];
  leftExpression?: Node;
  rightExpression?: Node;
  leftHandSide?: Node;
  rightHandSide?: Node;
  subExpression?: Node;
  condition?: Node;
  body?: Node;
  trueBody?: Node;
  falseBody?: Node | null;
  expression?: Node | null;
  initialValue?: Node | null;
  functionName?: Node;
  arguments?: Node[];
  components?: (Node | null)[];
  declarations?: (Node | null)[];
  statements?: Node[];
  parameters?: Node[];
  returnParameters?: Node;
}

/** A part of a source, in bytes. */
export interface Span {
  start: number;
  end: number;
}

export function spanOf(node: Node): Span {
  const [start = 0, length = 0] = node.src.split(':').map(Number);
  return { start, end: start + length };
}

/** What is no code that runs: types, comments, and the references that an assembly block lists once more. */
const SKIPPED = new Set(['typeName', 'documentation', 'overrides', 'externalReferences', 'baseFunctions']);

/** Every node of a tree in the order of the source, each with those that it lies in, outermost first. */
export function* walk(node: Node, ancestors: readonly Node[] = []): Generator<[Node, readonly Node[]]> {
  yield [node, ancestors];
  const inside = [...ancestors, node];
  for (const child of childrenOf(node)) yield* walk(child, inside);
}

function childrenOf(node: Node): Node[] {
  return Object.entries(node)
    .filter(([key]) => !SKIPPED.has(key))
    .flatMap(([, value]): unknown[] => (Array.isArray(value) ? value : [value]))
    .filter((value): value is Node => typeof value === 'object' && value !== null && 'nodeType' in value)
    .sort((a, b) => spanOf(a).start - spanOf(b).start);
}
