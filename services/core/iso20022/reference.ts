/**
 * A Corridor id as banks can carry it: reference fields hold 35 characters and account fields 34, an id has 36, so
 * the prefix of its kind goes (`pay_0190...` becomes `0190...`). A text search for the rest finds both.
 */
export function bankReference(id: string): string {
  return id.replace(/^[a-z]{3}_/, '');
}
