/** What the project's commands have in common: a mistake in what was typed or configured ends in one sentence. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { ConfigError } from '../services/platform/config.ts';

/**
 * Reads the options after a command's name; it takes no other arguments.
 * @param usage how the command is called, for the sentence.
 * @throws {ConfigError} for an argument that the command does not know.
 */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
) {
  return parse(usage, { options }).values;
}

/** The same for a command that takes other arguments as well: `positionals`. */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: Options,
) {
  const { values, positionals } = parse(usage, { options, allowPositionals: true });
  return { options: values, positionals };
}

function parse<const Config extends ParseArgsConfig>(usage: string, config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('ERR_PARSE_ARGS_')) throw error;
    const [whatWasWrong] = message.split(/\.\s|\n/); // what follows is about quoting in a shell
    throw new ConfigError(`${whatWasWrong}. Usage: ${usage}`, { cause: error });
  }
}

/** An option's number. @throws {ConfigError} unless it is a whole one from 1 */
export function wholeNumberOption(usage: string, name: string, value: string): number {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new ConfigError(`--${name} is ${value}, expected a whole number from 1. Usage: ${usage}`);
}

/** Runs a command. A {@link ConfigError} is printed as its sentence, exit code 1; any other error keeps its stack. */
export async function runCommandLine(work: () => void | Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
