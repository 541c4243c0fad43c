/** What is known of a clip while it is recorded, so that it can be finished after the page was closed or crashed. */
import type { EvidenceFacts } from '#wire/evidence.ts';
import type { SyncFile } from './sync-file.ts';

/** The evidence as it would be if the clip ended here; its files' `sha256` are not known yet. */
export type Draft = EvidenceFacts;

/**
 * Two places, written in turn: whatever ends the page, one of them is whole. What stands behind a line's end is left
 * from a longer line before it.
 */
const PLACE = 64 * 1024;

export class Journal {
  readonly #file: SyncFile;
  #count = 0;

  constructor(file: SyncFile) {
    this.#file = file;
  }

  /** A draft too long for its place is left out: the one before it stays. */
  write(draft: Draft): void {
    const line = new TextEncoder().encode(`${JSON.stringify({ count: this.#count + 1, draft })}\n`);
    if (line.length > PLACE) return;
    this.#count++;
    this.#file.write(line, { at: (this.#count % 2) * PLACE });
    this.#file.flush();
  }

  close(): void {
    this.#file.close();
  }
}

/** The last draft that was written whole; nothing where none was. */
export function readJournal(file: SyncFile): Draft | undefined {
  let last: { readonly count: number; readonly draft: Draft } | undefined;
  for (const at of [0, PLACE]) {
    const bytes = new Uint8Array(PLACE);
    const text = new TextDecoder().decode(bytes.subarray(0, file.read(bytes, { at })));
    try {
      const entry = JSON.parse(text.slice(0, Math.max(0, text.indexOf('\n')))) as typeof last;
      if (entry && entry.count > (last?.count ?? 0)) last = entry;
    } catch {
      // Cut off as it was written, or never written.
    }
  }
  return last?.draft;
}
