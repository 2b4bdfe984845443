import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import type { PlantedBug } from './planted-bugs.ts';

/** The compiled project, in which one file at a time is replaced. */
export class Plantation {
  private constructor(
    private readonly root: string,
    readonly directory: string,
  ) {}

  /** A copy beside the compiled project, so that packages are found from there too. */
  static async open(root: string): Promise<Plantation> {
    const directory = await mkdtemp(join(root, '.build', 'planted-'));
    for (const part of ['src', 'test']) {
      await cp(join(root, '.build', part), join(directory, part), { recursive: true });
    }
    return new Plantation(root, directory);
  }

  /** @throws {Error} where the text to replace is not there exactly once. */
  async plant({ name, file, from, to }: PlantedBug): Promise<void> {
    const source = await readFile(join(this.root, file), 'utf8');
    if (source.split(from).length !== 2)
      throw new Error(`${name}: '${from}' is not once in ${file}.`);
    const { outputText } = ts.transpileModule(
      source.replace(from, () => to),
      {
        compilerOptions: {
          module: ts.ModuleKind.ESNext,
          target: ts.ScriptTarget.ES2023,
          rewriteRelativeImportExtensions: true,
          verbatimModuleSyntax: true,
        },
        fileName: join(this.root, file),
      },
    );
    await writeFile(this.compiled(file), outputText);
  }

  async uproot({ file }: PlantedBug): Promise<void> {
    await cp(join(this.root, '.build', file.replace(/\.ts$/, '.js')), this.compiled(file));
  }

  async close(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  private compiled(file: string): string {
    return join(this.directory, file.replace(/\.ts$/, '.js'));
  }
}
