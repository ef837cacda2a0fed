/** A template that cannot be deployed: says where it stands and what is wrong. Nothing is deployed half on purpose. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';

  constructor(where: string, problem: string, options?: ErrorOptions) {
    super(`${where}: ${problem}`, options);
  }
}
