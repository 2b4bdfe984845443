/** Who writes JavaScript may forget all of them: then each is missed by its own name. */
export function given<Options extends object>(options: Options | undefined): Options {
  return options ?? ({} as Options); // as if that were written
}
