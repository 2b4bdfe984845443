/** What a worker process tells its supervisor. */
export const runningMessage = 'running';

/**
 * What a supervisor asks of a worker process. A message and no signal: service managers and
 * terminals signal all processes of a group, and a second signal would end a worker at once.
 */
export const stopMessage = 'stop';
