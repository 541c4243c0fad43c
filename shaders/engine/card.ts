/** A network as its card and its weights say: read once, checked before anything is built on it. */
import { count, fields, ModelError, positive, text } from './card-fields.ts';
import { LayerReader } from './layer-reader.ts';
import type { Layer } from './layers.ts';

export interface Card {
  readonly name: string;
  /** Length of the fusion vector. */
  readonly fusionSize: number;
  /** The network's width and height are multiples of this. */
  readonly multipleOf: number;
  /** Multiplications with their additions per pixel of the network's input. */
  readonly macsPerInputPixel: number;
  /** In the order in which they can be computed. The last to be named are `subpixels` and `fusion`. */
  readonly layers: readonly Layer[];
  readonly weights: { readonly sha256: string; readonly bytes: number };
}

export interface NetworkFiles {
  readonly card: Card;
  readonly weights: Float32Array<ArrayBuffer>;
}

/** The format of cards that this engine was written for. */
const FORMAT = 1;

/**
 * @param json `card.json`, parsed @param weights `weights.bin`
 * @throws ModelError where the card is of another format or contradicts itself, or the weights are not those it names
 */
export async function checkedFiles(json: unknown, weights: ArrayBuffer): Promise<NetworkFiles> {
  const card = readCard(json);
  const { bytes, sha256 } = card.weights;
  if (weights.byteLength !== bytes)
    throw new ModelError(
      `model ${card.name}: weights.bin has ${weights.byteLength} bytes, its card says ${bytes}`,
    );
  const found = hex(await crypto.subtle.digest('SHA-256', weights));
  if (found !== sha256)
    throw new ModelError(
      `model ${card.name}: weights.bin is not the file its card names (sha256 ${found.slice(0, 8)}…, not ${sha256.slice(0, 8)}…)`,
    );
  return { card, weights: new Float32Array(weights) };
}

/** @throws ModelError, see `checkedFiles` */
export function readCard(json: unknown): Card {
  const file = fields(json, 'the card');
  if (file.format !== FORMAT)
    throw new ModelError(
      `the model's card has format ${String(file.format)}; this version of Nightglass reads format ${FORMAT}`,
    );
  const name = text(file.name, 'name');
  const listed = fields(fields(file.files, 'files')['weights.bin'], "files['weights.bin']");
  const weights = { sha256: text(listed.sha256, 'sha256'), bytes: count(listed.bytes, 'bytes') };
  const fusionSize = count(file.fusionSize, 'fusionSize');
  const multipleOf = count(file.multipleOf, 'multipleOf');
  const macsPerInputPixel = positive(file.macsPerInputPixel, 'macsPerInputPixel');
  if (!Array.isArray(file.layers)) throw new ModelError(`model ${name}: its card has no layers`);
  const layers = new LayerReader(fusionSize, weights.bytes).read(file.layers);
  return { name, fusionSize, multipleOf, macsPerInputPixel, layers, weights };
}

const hex = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
