import { SerdeError } from '../core/model/errors.ts';
import { json } from '../core/serde/json.ts';
import { rangeSerde } from '../core/serde/range-serde.ts';
import type { Serde } from '../core/serde/serde.ts';
import type { Bins } from './bins.ts';
import { type Mapping, type Quantiles, Sketch, type SketchParts } from './sketch.ts';

const text = json<unknown>();

/** The parts as JSON text. The accuracy is part of the format: bins of another do not fit. */
export function sketchSerde(relativeAccuracy: number, mapping: Mapping): Serde<Quantiles> {
  return rangeSerde<Quantiles>({
    format: `quantiles(${relativeAccuracy})`,
    version: 1,
    serialize(value) {
      if (value instanceof Sketch) return text.serialize(value.parts);
      throw new SerdeError('SERIALIZATION', 'expected the quantiles that `quantiles()` made');
    },
    deserializeRange(buffer, start, end) {
      return new Sketch(partsOf(text.deserialize(buffer.subarray(start, end))), mapping);
    },
  });
}

function partsOf(value: unknown): SketchParts {
  if (isObject(value)) {
    const { min, max, zeros, positive, negative } = value;
    if (isNumber(min) && isNumber(max) && isNumber(zeros) && isBins(positive) && isBins(negative)) {
      return { min, max, zeros, positive, negative };
    }
  }
  throw new SerdeError('DESERIALIZATION', 'the bytes are not those of quantiles');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isBins(value: unknown): value is Bins {
  return Array.isArray(value) && value.every((bin) => Array.isArray(bin) && bin.every(isNumber));
}
