/**
 * Reads what `npm audit --json` printed.
 * @returns one line: how many advisories there are by severity, or that they could not be looked up.
 */
export function summariseAdvisories(output: string): string {
  const found = metadataIn(output)?.vulnerabilities;
  if (!found) return 'could not be looked up here: the registry answers no audit';
  const { total = 0, ...severities } = found;
  if (total === 0) return 'none known';
  const counts = Object.entries(severities).filter(([, count]) => count > 0);
  return `${counts.map(([severity, count]) => `${count} ${severity}`).join(', ')}: npm audit --omit=dev`;
}

function metadataIn(output: string): { vulnerabilities?: Record<string, number> } | undefined {
  try {
    // npm's own warnings may stand around it
    return JSON.parse(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1)).metadata;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
