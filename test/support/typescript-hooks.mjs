import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const cache = new URL('../../.build/transpiled/', import.meta.url);

/** Node's `load` hook: a TypeScript module is transpiled as it is read, once for each text. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
  const text = await readFile(fileURLToPath(url), 'utf8');
  const hash = createHash('sha256').update(url).update('\0').update(text).digest('hex');
  const cached = new URL(`${hash}.js`, cache);
  const source = await readFile(cached, 'utf8').catch(() => transpile(text, url, cached));
  return { format: 'module', shortCircuit: true, source };
}

async function transpile(text, url, cached) {
  // Loaded only where it is needed: it is large.
  const { default: ts } = await import('typescript');
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  };
  const fileName = fileURLToPath(url);
  const { outputText } = ts.transpileModule(text, { compilerOptions, fileName });
  await mkdir(cache, { recursive: true });
  const own = new URL(`${cached.href}.${process.pid}`);
  await writeFile(own, outputText);
  // Another process may be doing the same: each leaves a whole file.
  await rename(own, cached);
  return outputText;
}
