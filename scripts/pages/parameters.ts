import ts from 'typescript';

/** The parameters as a heading shows them. */
export function parametersOf({ parameters }: ts.SignatureDeclaration): string {
  const names = parameters.map(({ name, questionToken, initializer }) => {
    const isOptional = questionToken ?? initializer;
    const isObject = ts.isObjectBindingPattern(name);
    return `${isObject ? 'options' : name.getText()}${isOptional ? '?' : ''}`;
  });
  return names.join(', ');
}
