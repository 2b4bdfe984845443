import ts from 'typescript';

const comments = new WeakMap<ts.SourceFile, readonly ts.CommentRange[]>();

/** The tokens of a tree in order; docstrings are no tokens. */
export function tokensOf(source: ts.SourceFile): readonly ts.Node[] {
  const tokens: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source).filter((child) => !ts.isJSDoc(child));
    if (children.length > 0) children.forEach(visit);
    else tokens.push(node);
  };
  visit(source);
  return tokens;
}

/** The comments of a file, found as what stands before and behind its tokens. */
export function commentsOf(source: ts.SourceFile): readonly ts.CommentRange[] {
  const known = comments.get(source);
  if (known !== undefined) return known;
  const { text } = source;
  const found = new Map<number, ts.CommentRange>();
  for (const token of tokensOf(source)) {
    const leading = ts.getLeadingCommentRanges(text, token.getFullStart()) ?? [];
    const trailing = ts.getTrailingCommentRanges(text, token.getEnd()) ?? [];
    for (const range of [...leading, ...trailing]) found.set(range.pos, range);
  }
  const list = [...found.values()].sort((a, b) => a.pos - b.pos);
  comments.set(source, list);
  return list;
}
