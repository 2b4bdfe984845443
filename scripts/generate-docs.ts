import { writeFileSync } from 'node:fs';
import { generatedPages } from './pages/generated-pages.ts';

// npm runs scripts in the root of the package.
for (const [path, text] of await generatedPages(process.cwd())) {
  writeFileSync(path, text);
  console.log(path);
}
