/** What a log says, in the words of its event. */
import { type AbiEvent, type AbiParameter, decodeEventLog, type Hex } from 'viem';

/** Whole numbers of any size are bigint, addresses and bytes lower-case hex; structs by the names of their members. */
export type EventArgument =
  | string
  | bigint
  | boolean
  | readonly EventArgument[]
  | { readonly [member: string]: EventArgument };

/** @throws what viem throws when the log is not of this event */
export function decodeArguments(
  event: AbiEvent,
  log: { topics: readonly Hex[]; data: Hex },
): Record<string, EventArgument> {
  const { args } = decodeEventLog({
    abi: [event],
    topics: log.topics as [Hex, ...Hex[]],
    data: log.data,
  }) as { args: Record<string, unknown> };
  return membersOf(event.inputs, args);
}

function membersOf(
  parameters: readonly AbiParameter[],
  values: Record<string, unknown>,
): Record<string, EventArgument> {
  return Object.fromEntries(
    parameters.map((parameter) => [
      parameter.name ?? '',
      argumentOf(parameter, values[parameter.name ?? '']),
    ]),
  );
}

function argumentOf(parameter: AbiParameter, value: unknown): EventArgument {
  const { type } = parameter;
  if (type.endsWith('[]')) {
    const item = { ...parameter, type: type.slice(0, -2) };
    return (value as unknown[]).map((each) => argumentOf(item, each));
  }
  if ('components' in parameter) return membersOf(parameter.components, value as Record<string, unknown>);
  if (typeof value === 'number') return BigInt(value);
  if (type === 'address') return (value as Hex).toLowerCase();
  return (value ?? '') as EventArgument;
}
