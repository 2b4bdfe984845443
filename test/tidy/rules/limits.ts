import ts from 'typescript';
import { commentsOf, tokensOf } from '../comments.ts';
import { type Finding, type Project, type Rule, lineAt, lineOf, walk } from '../project.ts';

const maxFileLines = 400;
const maxFunctionLines = 70;
const maxParameters = 4;
const maxOverloads = 2;
const maxWidth = 100;

/** Lines that hold a token: blanks and comments are not counted, so that none is cut to pass. */
export function codeLines(source: ts.SourceFile, from = 0, to = source.end): number {
  const [first, end] = [lineAt(source, from), lineAt(source, to)];
  const lines = new Set<number>();
  for (const token of tokensOf(source)) {
    if (token.getWidth(source) === 0 || token.pos > to || token.end < from) continue;
    const last = Math.min(end, lineAt(source, token.getEnd()));
    const start = Math.max(first, lineAt(source, token.getStart(source)));
    for (let line = start; line <= last; line++) lines.add(line);
  }
  return lines.size;
}

function rule(
  name: string,
  findingsOf: (source: ts.SourceFile, path: string) => readonly Finding[],
  snippets: Pick<Rule, 'bad' | 'good'>,
): Rule {
  const check = ({ sources }: Project): readonly Finding[] =>
    [...sources].flatMap(([path, source]) => findingsOf(source, path));
  return { name, check, ...snippets };
}

const statements = (count: number): string => 'f();\n'.repeat(count);

export const fileLimit = rule(
  'file-limit',
  (source, path) => {
    const lines = codeLines(source);
    if (lines <= maxFileLines) return [];
    return [{ path, line: 1, message: `${lines} lines, limit ${maxFileLines}: a noun is missing` }];
  },
  {
    bad: { 'a long file': { 'src/state/a.ts': statements(maxFileLines + 1) } },
    good: {
      'comments do not count': {
        'src/state/a.ts': `${statements(maxFileLines - 1)}\n// why\n/** What. */\nfunction a() {}\n`,
      },
    },
  },
);

/** A `describe` or a table of laws is a list, not a procedure. */
function isList(node: ts.Node): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && /^describe\b/.test(call.expression.getText());
}

export const functionLimit = rule(
  'function-limit',
  (source, path) => {
    const findings: Finding[] = [];
    walk(source, (node) => {
      if (!ts.isFunctionLike(node) || !('body' in node) || isList(node)) return;
      const lines = codeLines(source, node.getStart(source), node.end);
      if (lines <= maxFunctionLines) return;
      const message = `${lines} lines, limit ${maxFunctionLines}: name a part and take it out`;
      findings.push({ path, line: lineOf(node), message });
    });
    return findings;
  },
  {
    bad: {
      'a long function': { 'src/a.ts': `function a() {\n${statements(maxFunctionLines)}}` },
      'a long method': { 'src/a.ts': `class A { a() {\n${statements(maxFunctionLines)}} }` },
      'a long arrow': { 'src/a.ts': `const a = () => {\n${statements(maxFunctionLines)}};` },
    },
    good: {
      'a list of tests': {
        'test/a.test.ts': `describe('a', () => {\n${statements(maxFunctionLines)}});`,
      },
    },
  },
);

export const parameterLimit = rule(
  'parameter-limit',
  (source, path) => {
    const findings: Finding[] = [];
    walk(source, (node) => {
      if (!ts.isFunctionLike(node)) return;
      const count = node.parameters.filter(({ name }) => name.getText() !== 'this').length;
      if (count <= maxParameters) return;
      const message = `${count} parameters, limit ${maxParameters}: pass one options object`;
      findings.push({ path, line: lineOf(node), message });
    });
    return findings;
  },
  {
    bad: {
      'a function': { 'src/a.ts': 'function f(a: A, b: A, c: A, d: A, e: A) {}' },
      'a constructor': { 'src/a.ts': 'class C { constructor(a, b, c, d, e) {} }' },
      'a signature': { 'src/a.ts': 'interface I { f(a: A, b: A, c: A, d: A, e: A): void }' },
    },
    good: { four: { 'src/a.ts': 'function f(this: T, a: A, b: A, c: A, d: A) {}' } },
  },
);

export const overloadLimit = rule(
  'overload-limit',
  (source, path) => {
    const counts = new Map<string, { count: number; line: number }>();
    walk(source, (node) => {
      const isSignature =
        ts.isMethodSignature(node) ||
        ((ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node)) && !node.body);
      if (!isSignature) return;
      const id = `${node.parent.pos} ${node.name?.getText()}`;
      counts.set(id, { count: (counts.get(id)?.count ?? 0) + 1, line: lineOf(node) });
    });
    return [...counts.values()].flatMap(({ count, line }) => {
      if (count <= maxOverloads) return [];
      const message = `${count} overloads, limit ${maxOverloads}: use one options object`;
      return [{ path, line, message }];
    });
  },
  {
    bad: {
      'an interface': { 'src/a.ts': 'interface I { f(): void; f(a: A): void; f(b: B): void }' },
      'a function': {
        'src/a.ts':
          'function f(): void; function f(a: A): void; function f(b: B): void; function f() {}',
      },
    },
    good: {
      two: { 'src/a.ts': 'interface I { f(): void; f(a: A): void } interface J { f(): void }' },
    },
  },
);

export const widthLimit = rule(
  'width-limit',
  (source, path) => {
    const texts: (readonly [number, number])[] = [];
    walk(source, (node) => {
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateLiteralToken(node);
      if (isText || ts.isTemplateExpression(node) || ts.isRegularExpressionLiteral(node)) {
        texts.push([node.getStart(source), node.end]);
      }
    });
    return source.text.split('\n').flatMap((text, index) => {
      if (text.length <= maxWidth) return [];
      const limit = source.getPositionOfLineAndCharacter(index, maxWidth);
      // A text cannot be broken without changing it; nor can an address in a comment.
      if (texts.some(([from, to]) => from <= limit && limit <= to + 2)) return [];
      if (/https?:\/\/\S+$/.test(text)) return [];
      // The reason of an `as` has to stand on its line, which the formatter does not break.
      const code = text.replace(/ \/\/ .*$/, '');
      if (/\bas\b/.test(code) && code.trim() !== '' && code.length <= maxWidth) return [];
      return [{ path, line: index + 1, message: `${text.length} wide, limit ${maxWidth}` }];
    });
  },
  {
    bad: {
      'a long comment': { 'src/a.ts': `// ${'word '.repeat(20)}\nf();` },
      'a long example': { 'src/a.ts': `/**\n * f(${'1, '.repeat(40)});\n */\nf();` },
    },
    good: {
      'a long text': { 'src/a.ts': `f(\n  '${'word '.repeat(30)}',\n);` },
      'the reason of an as': { 'src/a.ts': `const a = b as string; // ${'word '.repeat(20)}` },
    },
  },
);

/** Comments that promise later work belong into the tracker, or nowhere. */
export const finished: Rule = rule(
  'finished',
  (source, path) =>
    commentsOf(source).flatMap(({ pos, end }) => {
      const match = /\b(?:TO[D]O|FIX[M]E|XX[X]|HAC[K])\b/.exec(source.text.slice(pos, end));
      if (match === null) return [];
      return [{ path, line: lineAt(source, pos), message: `${match[0]}: do it or delete it` }];
    }),
  {
    bad: {
      'a line comment': { 'src/a.ts': '// TODO: later\nf();' },
      'a docstring': { 'test/a.ts': '/** A. FIXME */\nf();' },
      'at the end': { 'src/a.ts': 'f(); // XXX' },
    },
    good: { 'a name': { 'src/a.ts': "const TODO = 'x'; // what is left of the list" } },
  },
);
