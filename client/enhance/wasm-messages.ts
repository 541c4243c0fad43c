/** What the corridor and the worker that runs the network on the CPU say to each other. One question at a time. */
import type { Size } from './compute-size.ts';
import type { Moment } from './fusion-mix.ts';

/** What a tile remembers of its frame before. */
export interface WasmMemory {
  readonly moment: Moment;
  /** f32 [1,K]. */
  readonly fusion: Float32Array<ArrayBuffer>;
}

export type ToWasm =
  | {
      /** May be asked more than once, for one network each. */
      readonly type: 'open';
      readonly name: string;
      readonly model: ArrayBuffer;
      readonly fusionSize: number;
      readonly runtime: string;
      readonly threads: number;
    }
  | {
      readonly type: 'enhance';
      /** The name of an opened network. */
      readonly model: string;
      /** Given away with the question. */
      readonly frame: VideoFrame;
      readonly compute: Size;
      readonly timestamp: number;
      readonly stretch: number;
      readonly before: WasmMemory | undefined;
    };

export type FromWasm =
  | { readonly type: 'opened' }
  | {
      readonly type: 'enhanced';
      /** Given away with the answer. */
      readonly picture: ImageBitmap;
      readonly memory: WasmMemory;
      /** Milliseconds in the network, and in everything else. */
      readonly network: number;
      readonly rest: number;
    }
  | { readonly type: 'failed'; readonly message: string };
