import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output/create-output.ts';
import type { Decision } from '../upkeep-arguments.ts';

/** Does what was announced, or says that nothing was done. Answers the exit code. */
export async function decide(
  decision: Decision,
  output: Output,
  act: () => Promise<void>,
): Promise<number> {
  if (decision === 'yes') {
    await act();
    output.announce('Done.');
    return exitCodes.clean;
  }
  const hint = decision === 'open' ? ': give --yes, or --dry-run to look only' : '';
  output.announce(`Nothing was done${hint}.`);
  return decision === 'open' ? exitCodes.usage : exitCodes.clean;
}
