/** "1 check", "2 checks", "2 properties". */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`;
}

export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One sentence of those parts that say something; without any the empty string. */
export function sentence(parts: readonly string[], separator = '; ', end = '.'): string {
  const text = parts.filter((part) => part !== '').join(separator);
  return text === '' ? '' : capitalised(text) + end;
}

/** The first sentence of a text. */
export function firstSentence(text: string): string {
  const flat = text.replace(/\s+/g, ' ').trim();
  const end = /[.!?](?= [A-Z])/.exec(flat);
  return end ? flat.slice(0, end.index + 1) : flat;
}
