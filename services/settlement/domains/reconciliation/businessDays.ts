/** Days on which banks book: Monday to Friday. Holidays, which differ from bank to bank, count as days too. */

const DAY_MS = 86_400_000;

/** Business days after `from` up to `to` (YYYY-MM-DD), below zero when `to` is before `from`. */
export function businessDaysBetween(from: string, to: string): number {
  if (to < from) return -businessDaysBetween(to, from);
  return ordinal(to) - ordinal(from);
}

/** Business days from Monday, 29 December 1969, up to and with a day. */
function ordinal(date: string): number {
  const days = Date.parse(`${date}T00:00:00Z`) / DAY_MS + 3; // 1 January 1970 was a Thursday
  return Math.floor(days / 7) * 5 + Math.min((((days % 7) + 7) % 7) + 1, 5);
}
