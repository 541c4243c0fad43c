/** The shipped networks' files, and what PyTorch computed with them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkedFiles, type NetworkFiles, readCard } from '../../../shaders/engine/card.ts';
import { ModelError } from '../../../shaders/engine/card-fields.ts';

const artifacts = join(import.meta.dirname, '../../../models/artifacts');

interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One run of the network, as the export wrote it. */
export interface Golden {
  readonly image: StoredTensor;
  readonly fusion_previous: StoredTensor;
  readonly fusion_mix: StoredTensor;
  readonly subpixels: StoredTensor;
  readonly fusion: StoredTensor;
}

const shipped: readonly string[] = readdirSync(artifacts);

export const cardJson = (model: string): unknown =>
  JSON.parse(readFileSync(join(artifacts, model, 'card.json'), 'utf8'));

export const weightsOf = (model: string): ArrayBuffer =>
  new Uint8Array(readFileSync(join(artifacts, model, 'weights.bin'))).buffer;

export const filesOf = (model: string): Promise<NetworkFiles> =>
  checkedFiles(cardJson(model), weightsOf(model));

/** Those of which this engine knows every operation: a network that only teaches others need not run in it. */
export const runnable: readonly string[] = shipped.filter((model) => {
  try {
    return readCard(cardJson(model)) !== undefined;
  } catch (error) {
    if (error instanceof ModelError && error.message.includes('has no operation')) return false;
    throw error;
  }
});

export const goldenOf = (model: string): readonly Golden[] =>
  JSON.parse(readFileSync(join(artifacts, model, 'golden.json'), 'utf8'));
