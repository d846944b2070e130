/**
 * Ends this process, as failed, when it has not ended by itself so many seconds after its tests: what one of them left open
 * would keep it for ever. A chain, for example, whose start outlasted the hook that waited for it.
 */
export function failIfOpen(graceSeconds: number): void {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().join(', ');
    process.stderr.write(`\nSomething was left open, ${graceSeconds} s after the last test: ${open}\n`);
    // Called after mocha's own listener, which makes the code the number of failures: it may be 0.
    process.once('exit', () => {
      process.exitCode = 1;
    });
    process.exit();
  }, graceSeconds * 1_000).unref();
}
