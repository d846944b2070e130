/**
 * Calls `stop` once when this process is asked to end, then exits with `code`. One Ctrl-C arrives several times (from the terminal,
 * from npm, from run.mjs): the repeats count as one. The loss of run.mjs, which was killed then, counts too.
 */
export function onInterrupt(stop: () => Promise<void>, code: number): void {
  let stopping = false;
  const once = () => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, once);
  if (process.channel) process.once('disconnect', once);
  process.channel?.unref();
}
