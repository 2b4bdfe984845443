/** A record of the topic `in`. */
export const at = (key: string | null, timestamp: number, value: string | null = 'v') => ({
  topic: 'in',
  ...out(key, timestamp, value),
});

/** A record as it is read again. */
export const out = (key: string | null, timestamp: number, value: string | null = 'v') => ({
  key,
  value,
  timestamp,
});
