/** Fetches the network and checks that it is the one its card describes. */

export interface Model {
  readonly name: string;
  /** The ONNX file. */
  readonly bytes: ArrayBuffer;
  /** Of the ONNX file, 64 hex digits. */
  readonly sha256: string;
  /** Length of the fusion vector. */
  readonly fusionSize: number;
  /** Multiplications with their additions per pixel of its input. */
  readonly macsPerInputPixel: number;
}

/**
 * Loads `card.json` and `model.onnx` from a folder's address (with a trailing slash).
 * @throws Error that says which file could not be had, or does not fit its card
 */
export async function fetchModel(folder: string): Promise<Model> {
  const [card, bytes] = await Promise.all([
    load(`${folder}card.json`).then((response) => response.json()),
    load(`${folder}model.onnx`).then((response) => response.arrayBuffer()),
  ]);
  const { name, fusionSize, macsPerInputPixel, sha256 } = readCard(card);
  const found = hex(await crypto.subtle.digest('SHA-256', bytes));
  if (found !== sha256)
    throw new Error(
      `model ${name} is not what its card says: sha256 ${short(sha256)} was expected, ${short(found)} came`,
    );
  return { name, bytes, sha256, fusionSize, macsPerInputPixel };
}

async function load(address: string): Promise<Response> {
  // Asks the server whether the stored copy is still good: a card and a model of two releases do not fit.
  const response = await fetch(address, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${address} was answered with status ${response.status}`);
  return response;
}

function readCard(card: unknown): Omit<Model, 'bytes'> {
  const { name, fusionSize, macsPerInputPixel, files } = card as Partial<CardFile>;
  const sha256 = files?.['model.onnx']?.sha256;
  if (typeof name !== 'string' || typeof sha256 !== 'string')
    throw new Error("the model's card lacks its name or the sha256 of model.onnx");
  if (!Number.isInteger(fusionSize) || !(Number(macsPerInputPixel) > 0))
    throw new Error("the model's card lacks its fusionSize or its macsPerInputPixel");
  return { name, fusionSize: Number(fusionSize), macsPerInputPixel: Number(macsPerInputPixel), sha256 };
}

interface CardFile {
  readonly name: string;
  readonly fusionSize: number;
  readonly macsPerInputPixel: number;
  readonly files: Readonly<Record<string, { readonly sha256: string }>>;
}

const hex = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const short = (sha256: string): string => `${sha256.slice(0, 8)}…`;
