/** A type that only the function which checked it can make. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
