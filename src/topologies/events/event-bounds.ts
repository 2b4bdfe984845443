import type { Reasons } from './quarantined-event.ts';

const maxDepth = 32;
/** Fields and items of an event, all together. */
const maxValues = 10_000;
const maxNameLength = 256;
const maxTextLength = 65_536;

/** An object as JSON has it: no array, no bytes. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Adds what is wrong with the size and the names of a value, whatever it means. */
export function checkBounds(value: unknown, reasons: Reasons): void {
  new BoundsCheck(reasons).check(value, '', 0);
}

class BoundsCheck {
  private values = 0;

  constructor(private readonly reasons: Reasons) {}

  check(value: unknown, path: string, depth: number): void {
    this.values += 1;
    if (this.values > maxValues) {
      if (this.values === maxValues + 1)
        this.refuse(path, `it holds more than ${maxValues} values`);
      return;
    }
    if (typeof value === 'object' && value !== null) this.checkInside(value, path, depth);
    else if (typeof value === 'string') {
      if (value.length > maxTextLength) this.refuse(path, `it is longer than ${maxTextLength}`);
    } else if (!isPlain(value)) this.refuse(path, `JSON cannot carry this ${typeof value}`);
  }

  private checkInside(value: object, path: string, depth: number): void {
    if (depth >= maxDepth) return this.refuse(path, `it nests deeper than ${maxDepth}`);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        if (this.values > maxValues) return;
        this.check(item, `${path}[${index}]`, depth + 1);
      }
      return;
    }
    if (!isObject(value)) return this.refuse(path, 'JSON cannot carry bytes');
    for (const name of Object.keys(value)) {
      if (this.values > maxValues) return;
      const inside = path === '' ? name : `${path}.${name}`;
      if (this.refusesName(name, value[name], inside)) continue;
      this.check(value[name], inside, depth + 1);
    }
  }

  private refusesName(name: string, value: unknown, path: string): boolean {
    if (name.length > maxNameLength) {
      this.refuse(path, `its name is longer than ${maxNameLength}`);
      return true;
    }
    const isForbidden =
      name === '__proto__' ||
      (name === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'));
    if (isForbidden) this.reasons.add('forbidden-name', path, `a field must not be called ${name}`);
    return isForbidden;
  }

  private refuse(path: string, message: string): void {
    this.reasons.add('bounds', path, message);
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || value === undefined || typeof value === 'boolean';
}
