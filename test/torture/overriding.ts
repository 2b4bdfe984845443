/** The object with some of its methods replaced; the rest, getters included, is its own. */
export function overriding<T extends object>(inner: T, overrides: Partial<T>): T {
  return new Proxy(inner, {
    get(target, name) {
      if (Object.hasOwn(overrides, name)) return Reflect.get(overrides, name) as unknown;
      const value = Reflect.get(target, name, target) as unknown; // Reflect gives `any`
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
