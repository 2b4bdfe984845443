import { errorCodes } from '../../src/core/model/error-codes.ts';

/** `docs/errors.md`: all codes with meaning and remedy. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { meaning, remedy }]) => `| \`${code}\` | ${cell(meaning)} | ${cell(remedy)} |`,
  );
  return [
    '# Error codes',
    '',
    'Every error of this library is a `MillraceError` with one of these codes in `code`, the place in',
    '`where` and the original error in `cause`. Test the code: it never changes its meaning, the text',
    'may. This page is generated from `src/core/model/error-codes.ts` by `npm run docs`.',
    '',
    '| code | meaning | remedy |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replace(/\s+/g, ' ');
}
