/** Which clips of this browser are on the server, and how far those are that are being sent. */
import type { ShelvedClip } from './clip-shelf.ts';
import { fetchKept } from './kept-clips.ts';

export type Keeping =
  /** In this browser alone, as far as is known. */
  | { readonly state: 'here' }
  /** 0…1 of it is sent. */
  | { readonly state: 'sending'; readonly share: number }
  | { readonly state: 'kept' }
  | { readonly state: 'failed'; readonly message: string };

/** Sends a clip; rejects with what to tell the viewer as its message. */
export type SendClip = (server: URL, clip: ShelvedClip, progress: (share: number) => void) => Promise<void>;

/** Outlives the lists that show it: sending goes on when a list is closed. Tells of what is new by `change`. */
export class ClipKeeping extends EventTarget {
  /** False where the server keeps no clips, and until that is known. */
  offered = false;
  readonly #server: URL;
  readonly #send: SendClip;
  readonly #states = new Map<string, Keeping>();

  constructor(server: URL, send: SendClip) {
    super();
    this.#server = server;
    this.#send = send;
  }

  of(id: string): Keeping {
    return this.#states.get(id) ?? { state: 'here' };
  }

  /** Asks the server what it has. */
  async refresh(): Promise<void> {
    const list = await fetchKept(this.#server);
    this.offered = list.outcome !== 'off';
    if (list.outcome === 'listed') {
      for (const [id, { state }] of this.#states) if (state === 'kept') this.#states.delete(id);
      for (const { id } of list.clips) this.#states.set(id, { state: 'kept' });
    }
    this.dispatchEvent(new Event('change'));
  }

  async keep(clip: ShelvedClip): Promise<void> {
    if (this.of(clip.id).state === 'sending') return;
    this.#set(clip.id, { state: 'sending', share: 0 });
    try {
      await this.#send(this.#server, clip, (share) => this.#set(clip.id, { state: 'sending', share }));
      this.#set(clip.id, { state: 'kept' });
    } catch (error) {
      this.#set(clip.id, {
        state: 'failed',
        message: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #set(id: string, state: Keeping): void {
    this.#states.set(id, state);
    this.dispatchEvent(new Event('change'));
  }
}
