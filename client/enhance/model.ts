/** The networks that the server has: their cards at once, their files when an engine asks for them, checked against the cards. */
import { checkedFiles, type NetworkFiles } from '../../shaders/engine/card.ts';
import type { ModelCost } from './quality-control.ts';

/** No network can be had, or none of those that can be is what its card says. */
export class NoModelError extends Error {
  override readonly name = 'NoModelError';
}

/** Which network: its name, and the SHA-256 of the file that was loaded, 64 hex digits. */
export interface NetworkName {
  readonly name: string;
  readonly sha256: string;
}

export interface Model extends ModelCost {
  /** Which of the shapes it has; its own name where it is the shape's first network. */
  readonly network: string;
  /** Length of the fusion vector. */
  readonly fusionSize: number;
  /** For onnxruntime. @throws NoModelError */
  onnx(): Promise<OnnxFile>;
  /** For our own engine. @throws NoModelError */
  files(): Promise<NetworkFiles>;
}

export interface OnnxFile {
  readonly bytes: ArrayBuffer;
  readonly sha256: string;
}

/**
 * The networks in a folder of the server (an address with a trailing slash) that a page chooses from by itself, cheapest first; only
 * `pinned` where one is. One whose card cannot be read is left out.
 * @throws NoModelError that says what could not be had, or does not fit, where none is left
 */
export async function fetchModels(folder: string, pinned?: string): Promise<readonly Model[]> {
  const names = (await namesIn(folder)).filter((name) => pinned === undefined || name === pinned);
  if (names.length === 0)
    throw new NoModelError(`the server has no model${pinned ? ` named ${pinned}` : ''}`);
  const cards = await Promise.allSettled(names.map((name) => fetchModel(`${folder}${name}/`)));
  const models = cards.flatMap((card) => (card.status === 'fulfilled' ? card.value : []));
  const refused = cards.flatMap((card) => (card.status === 'rejected' ? [card.reason] : []));
  if (models.length === 0) throw refused[0];
  for (const reason of refused) console.warn('enhance/no-model', reason);
  return (pinned ? models : choices(models)).sort((a, b) => a.macsPerInputPixel - b.macsPerInputPixel);
}

/** Taught the others and is too slow to run live. */
const TEACHER = 'teacher';

/** The shapes' own networks; where there are none, whatever else can run live. Two of one shape are nothing to choose between by time. */
function choices(models: readonly Model[]): Model[] {
  const live = models.filter(({ network }) => network !== TEACHER);
  const own = live.filter(({ name, network }) => name === network);
  return own.length > 0 ? own : live;
}

/** The server's list, `index.json`: names of folders. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const { models } = (await json(`${folder}index.json`)) as { readonly models?: unknown };
  const isName = (name: unknown): name is string => typeof name === 'string' && /^[\w.-]+$/.test(name);
  return Array.isArray(models) ? models.filter(isName) : [];
}

async function fetchModel(folder: string): Promise<Model> {
  const card = await json(`${folder}card.json`);
  const { name, network, fusionSize, macsPerInputPixel, sha256 } = readCard(card);
  return {
    name,
    network,
    fusionSize,
    macsPerInputPixel,
    async onnx() {
      const bytes = await load(`${folder}model.onnx`);
      const found = hex(await crypto.subtle.digest('SHA-256', bytes));
      if (found !== sha256)
        throw new NoModelError(
          `model ${name} is not what its card says: sha256 ${short(sha256)} was expected, ${short(found)} came`,
        );
      return { bytes, sha256 };
    },
    async files() {
      const weights = await load(`${folder}weights.bin`);
      return checkedFiles(card, weights).catch(refuse);
    },
  };
}

async function load(address: string): Promise<ArrayBuffer> {
  // Asks the server whether the stored copy is still good: a card and a model of two releases do not fit.
  const response = await fetch(address, { cache: 'no-cache' }).catch((error: Error) =>
    refuse(new Error(`${address} could not be fetched: ${error.message}`)),
  );
  if (!response.ok) throw new NoModelError(`${address} was answered with status ${response.status}`);
  return response.arrayBuffer().catch(refuse);
}

async function json(address: string): Promise<unknown> {
  const text = new TextDecoder().decode(await load(address));
  try {
    return JSON.parse(text);
  } catch {
    throw new NoModelError(`${address} is not JSON`);
  }
}

/** The format of cards that this page was written for. */
const FORMAT = 1;

function readCard(card: unknown): NetworkName & Omit<Model, 'onnx' | 'files'> {
  const { format, name, network = name, fusionSize, macsPerInputPixel, files } = card as Partial<CardFile>;
  if (format !== FORMAT)
    throw new NoModelError(`the model's card has format ${format}; this page reads format ${FORMAT}`);
  const sha256 = files?.['model.onnx']?.sha256;
  if (typeof name !== 'string' || typeof network !== 'string' || typeof sha256 !== 'string')
    throw new NoModelError("the model's card lacks its name or the sha256 of model.onnx");
  if (!Number.isInteger(fusionSize) || !(Number(macsPerInputPixel) > 0))
    throw new NoModelError("the model's card lacks its fusionSize or its macsPerInputPixel");
  const size = { fusionSize: Number(fusionSize), macsPerInputPixel: Number(macsPerInputPixel) };
  return { name, network, ...size, sha256 };
}

interface CardFile {
  readonly format: number;
  readonly name: string;
  readonly network?: string;
  readonly fusionSize: number;
  readonly macsPerInputPixel: number;
  readonly files: Readonly<Record<string, { readonly sha256: string }>>;
}

function refuse(error: Error): never {
  throw new NoModelError(error.message);
}

const hex = (digest: ArrayBuffer): string =>
  [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const short = (sha256: string): string => `${sha256.slice(0, 8)}…`;
