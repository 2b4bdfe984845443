import { execFileSync } from 'node:child_process';

/** Opens a LevelDB directory in another process: `opened`, or the code of LevelDB's error. */
export function openElsewhere(directory: string): string {
  const script = `
    import { ClassicLevel } from 'classic-level';
    const level = new ClassicLevel(${JSON.stringify(directory)});
    try {
      await level.open();
      console.log('opened');
      await level.close();
    } catch (error) {
      console.log(error.cause?.code);
    }`;
  const inputs = ['--input-type=module', '-e', script];
  return execFileSync(process.execPath, inputs, { encoding: 'utf8' }).trim();
}
