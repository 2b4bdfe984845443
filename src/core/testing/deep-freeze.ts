/**
 * Freezes plain objects and arrays, and all they hold. Instances of classes stay as they are: what
 * else they refer to is not known.
 */
export function deepFreezer(): <T>(value: T) => T {
  const frozen = new WeakSet<object>();
  return function freeze<T>(value: T): T {
    if (typeof value !== 'object' || value === null || frozen.has(value)) return value;
    if (!isPlain(value)) return value;
    // Noted first: an object may refer to itself.
    frozen.add(value);
    Object.freeze(value);
    for (const member of Object.values(value)) freeze<unknown>(member);
    return value;
  };
}

/** Whether a value is data by itself: an array or an object without a class. */
export function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
