/** What an error says. Anything can be thrown, and not everything can be made text. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  try {
    return String(error);
  } catch {
    return 'an object without a text';
  }
}
