/** True for a Corridor id: the prefix of its kind and a UUID without hyphens, such as `pay_019a9e1c3f0072d8b4c1d2e3f4a5b6c7`. */
export function isIdentifier(text: string): boolean {
  return /^[a-z]{3}_[0-9a-f]{32}$/.test(text);
}
