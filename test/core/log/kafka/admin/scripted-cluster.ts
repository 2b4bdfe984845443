import type { ClusterMetadata } from '../../../../../src/core/log/kafka/connections/connections.ts';
import { kafkaAdmin } from '../../../../../src/core/log/kafka/admin/kafka-admin.ts';
import type { Api } from '../../../../../src/core/log/kafka/wire/api.ts';
import { noTopicId } from '../../../../../src/core/log/kafka/wire/messages/metadata.ts';
import { LogError } from '../../../../../src/core/model/errors.ts';
import { createSimulatedRuntime } from '../../../../../src/core/runtime/simulated-runtime.ts';
import { ScriptedConnections } from '../../../../support/scripted-connections.ts';

type Topics = ClusterMetadata['topics'];

/** An admin on brokers that a test scripts, in virtual time. */
export class ScriptedCluster {
  readonly runtime = createSimulatedRuntime({ seed: 1 });
  readonly connections = new ScriptedConnections();

  admin(replicationFactor: number | null = null) {
    return kafkaAdmin(this.connections, this.runtime, { replicationFactor });
  }

  /** What metadata say from now on. */
  topics(...topics: Topics): this {
    this.connections.cluster = {
      throttleMs: 0,
      brokers: [],
      clusterId: null,
      controllerId: 1,
      topics,
    };
    return this;
  }

  /** Answers in turn, the last one for ever. */
  answers<Request, Answer>(
    api: Api<Request, Answer>,
    ...answers: readonly ((request: Request, nodeId: number) => Answer)[]
  ): this {
    let asked = 0;
    this.connections.on(api, (request, nodeId) => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      if (answer === undefined) throw new Error('No answer in the script.');
      return answer(request, nodeId);
    });
    return this;
  }

  run<T>(promise: Promise<T>): Promise<T> {
    return this.runtime.runUntil(promise);
  }

  get nowMs(): number {
    return this.runtime.clock.monotonicTimeMs();
  }

  sent<Request, Answer>(api: Api<Request, Answer>): Request[] {
    return this.connections.seen
      .filter((seen) => seen.api === api.name)
      .map(({ request }) => request as Request); // read by the codec of this very request
  }
}

export function topicMetadata(name: string, leaders: readonly number[], errorCode = 0) {
  return {
    errorCode,
    name,
    topicId: noTopicId,
    isInternal: false,
    partitions: leaders.map((leader, partition) => ({
      ...{ errorCode: 0, partition, leader, leaderEpoch: 0 },
      ...{ replicas: [], inSync: [], offline: [] },
    })),
    operations: 0,
  };
}

/** No answer came, and never will. */
export function lost(): never {
  throw new LogError('abort-and-reinitialise', 'REQUEST_TIMED_OUT', 'No answer came.');
}
