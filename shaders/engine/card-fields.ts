/** The fields of a card's JSON, each checked as it is read. */

/** A card or a file of weights that cannot be used; the message says what was expected and what came. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(json: unknown, what: string): Fields {
  if (typeof json !== 'object' || json === null)
    throw new ModelError(`the model's card is damaged: ${what} is missing`);
  return json as Fields;
}

export function text(json: unknown, what: string): string {
  if (typeof json !== 'string') throw new ModelError(`the model's card is damaged: ${what} is no text`);
  return json;
}

export function count(json: unknown, what: string): number {
  if (!Number.isInteger(json))
    throw new ModelError(`the model's card is damaged: ${what} is no whole number`);
  return positive(json, what);
}

export function positive(json: unknown, what: string): number {
  if (typeof json !== 'number' || !(json > 0))
    throw new ModelError(`the model's card is damaged: ${what} is not above 0`);
  return json;
}
