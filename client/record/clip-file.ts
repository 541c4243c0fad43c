/** A file that grows at its end and is hashed as it grows. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { NightglassError } from '#wire/nightglass-error.ts';
import type { SyncFile } from './sync-file.ts';

/** Read at once to hash a file that was found. Bytes. */
const PIECE = 1024 * 1024;

export class ClipFile {
  readonly #file: SyncFile;
  readonly #hash = sha256.create();
  #bytes = 0;

  /** Takes over an empty file. */
  constructor(file: SyncFile) {
    this.#file = file;
  }

  /** What it holds, whole appends only. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Returns when the bytes are with the disk. @throws NightglassError `record/storage-full`; nothing was appended then */
  append(bytes: Uint8Array): void {
    try {
      if (this.#file.write(bytes, { at: this.#bytes }) !== bytes.length) throw full();
      this.#file.flush();
    } catch (cause) {
      this.#file.truncate(this.#bytes);
      throw isQuota(cause) ? full(cause) : cause;
    }
    this.#bytes += bytes.length;
    this.#hash.update(bytes);
  }

  /** Closes the file; gives the SHA-256 of what it holds. */
  close(): string {
    this.#file.close();
    return bytesToHex(this.#hash.digest());
  }
}

/** SHA-256 of the first `bytes` of a file, read piece by piece; the rest is cut off. */
export function hashCut(file: SyncFile, bytes: number): string {
  file.truncate(bytes);
  file.flush();
  const hash = sha256.create();
  const piece = new Uint8Array(PIECE);
  for (let at = 0; at < bytes; ) {
    const read = file.read(piece, { at });
    if (read === 0) throw new Error(`a file of ${bytes} bytes was expected, it ends after ${at}`);
    hash.update(piece.subarray(0, read));
    at += read;
  }
  return bytesToHex(hash.digest());
}

export const sha256Hex = (data: Uint8Array): string => bytesToHex(sha256(data));

/** The SHA-256 of a text's UTF-8. */
export const sha256OfText = (text: string): string => sha256Hex(new TextEncoder().encode(text));

const isQuota = (cause: unknown): boolean =>
  cause instanceof DOMException && cause.name === 'QuotaExceededError';

const full = (cause?: unknown): NightglassError =>
  cause instanceof NightglassError
    ? cause
    : new NightglassError('record/storage-full', 'the browser gives no more room on the disk', { cause });
