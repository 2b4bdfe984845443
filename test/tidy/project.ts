import ts from 'typescript';

/** Path below the root of the repository, with `/`, to its text. */
export type Files = Readonly<Record<string, string>>;

/** What the rules look at: the syntax trees of TypeScript files, and other files as text. */
export interface Project {
  readonly sources: ReadonlyMap<string, ts.SourceFile>;
  readonly documents: ReadonlyMap<string, string>;
}

export interface Finding {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/** One rule of the style. Its snippets are small projects it must refuse or must let pass. */
export interface Rule {
  readonly name: string;
  readonly check: (project: Project) => readonly Finding[];
  readonly bad: Readonly<Record<string, Files>>;
  readonly good: Readonly<Record<string, Files>>;
}

export function projectOf(files: Files): Project {
  const sources = new Map<string, ts.SourceFile>();
  const documents = new Map<string, string>();
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('.ts')) {
      sources.set(path, ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true));
    } else {
      documents.set(path, text);
    }
  }
  return { sources, documents };
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function lineAt(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

export function lineOf(node: ts.Node): number {
  return lineAt(node.getSourceFile(), node.getStart());
}

interface NodeRule extends Omit<Rule, 'check'> {
  readonly appliesTo: (path: string) => boolean;
  /** The message for a node that breaks the rule. */
  readonly judge: (node: ts.Node, path: string) => string | undefined;
}

/** A rule that can be judged node by node. */
export function nodeRule({ appliesTo, judge, ...rule }: NodeRule): Rule {
  return {
    ...rule,
    check({ sources }) {
      const findings: Finding[] = [];
      for (const [path, source] of sources) {
        if (!appliesTo(path)) continue;
        walk(source, (node) => {
          const message = judge(node, path);
          if (message !== undefined) findings.push({ path, line: lineOf(node), message });
        });
      }
      return findings;
    },
  };
}

export function below(...folders: readonly string[]): (path: string) => boolean {
  return (path) => folders.some((folder) => path.startsWith(`${folder}/`));
}

/** Whether an identifier is read as a value: no property, no declaration, no type. */
export function isReference(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isTypeNode(parent) && !ts.isExpressionWithTypeArguments(parent)) return false;
  if (ts.isTypeQueryNode(parent) || ts.isQualifiedName(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  return !('name' in parent && parent.name === node);
}
