/**
 * True for a text that an XML 1.0 message can carry (production Char, section 2.2): no control characters besides
 * tab and line ends, no half surrogates, not U+FFFE or U+FFFF. Texts of payments are held to it however they come,
 * because they go out again in status reports and statements.
 */
export function isXmlText(text: string): boolean {
  return text.isWellFormed() && /^[\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(text);
}
