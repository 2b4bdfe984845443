/** Event times may lie years back, and Kafka deletes what is older than `retention.ms`. */
export const topicSettings = { 'retention.ms': '-1' } as const;
