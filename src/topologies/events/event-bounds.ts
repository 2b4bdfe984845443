import type { Reasons } from './quarantined-event.ts';

const maxDepth = 32;
/** Fields and items of an event, all together. */
const maxValues = 10_000;
const maxNameLength = 256;
const maxTextLength = 65_536;
/** Of all names and texts together: what is accepted has room in a topic, whatever its letters. */
const maxCharacters = 250_000;

/** An object as JSON has it: no array, no bytes. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** Adds what is wrong with the size and the names of a value, whatever it means. */
export function checkBounds(value: unknown, reasons: Reasons): void {
  new BoundsCheck(reasons).check(value);
}

class BoundsCheck {
  private values = 0;
  private characters = 0;
  /** Names and indexes down to the value at work; text is made of them only to refuse it. */
  private readonly place: (string | number)[] = [];

  constructor(private readonly reasons: Reasons) {}

  check(value: unknown): void {
    this.values += 1;
    if (this.values === maxValues + 1) this.refuse(`it holds more than ${maxValues} values`);
    if (this.isFull) return;
    if (typeof value === 'object' && value !== null) this.checkInside(value);
    else if (typeof value === 'string') {
      if (value.length > maxTextLength) this.refuse(`it is longer than ${maxTextLength}`);
      this.countText(value);
    } else if (!isPlain(value)) this.refuse(`JSON cannot carry this ${typeof value}`);
  }

  private checkInside(value: object): void {
    if (this.place.length >= maxDepth) return this.refuse(`it nests deeper than ${maxDepth}`);
    if (Array.isArray(value)) {
      for (let index = 0; index < value.length && !this.isFull; index += 1) {
        this.place.push(index);
        this.check(value[index]);
        this.place.pop();
      }
      return;
    }
    if (!isObject(value)) return this.refuse('JSON cannot carry bytes');
    for (const name of Object.keys(value)) {
      if (this.isFull) return;
      this.place.push(name);
      this.countText(name);
      if (!this.refusesName(name, value[name])) this.check(value[name]);
      this.place.pop();
    }
  }

  private countText({ length }: string): void {
    const isWithin = this.characters <= maxCharacters;
    this.characters += length;
    if (isWithin && this.characters > maxCharacters) {
      this.refuse(`its names and texts are longer than ${maxCharacters}, up to here`);
    }
  }

  private get isFull(): boolean {
    return this.values > maxValues || this.characters > maxCharacters;
  }

  private refusesName(name: string, value: unknown): boolean {
    if (name.length > maxNameLength) {
      this.refuse(`its name is longer than ${maxNameLength}`);
      return true;
    }
    const isForbidden =
      name === '__proto__' ||
      (name === 'constructor' && isObject(value) && Object.hasOwn(value, 'prototype'));
    if (isForbidden) {
      this.reasons.add('forbidden-name', this.path, `a field must not be called ${name}`);
    }
    return isForbidden;
  }

  private refuse(message: string): void {
    this.reasons.add('bounds', this.path, message);
  }

  private get path(): string {
    return this.place.reduce<string>((path, part) => {
      if (typeof part === 'number') return `${path}[${part}]`;
      return path === '' ? part : `${path}.${part}`;
    }, '');
  }
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  return value === null || value === undefined || typeof value === 'boolean';
}
